using FsCheck;
using FsCheck.Fluent;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Sequences;

public sealed class SequenceTests
{
    /// <summary>With the two fixed bounds of the sizes this is hundreds of megabytes per mode, in a few seconds.</summary>
    private const int Sequences = 150;

    public static TheoryData<SpliceMode> Modes => Ways.Modes;

    /// <remarks>A failure prints the shrunken sequence and the seed, which <c>Config.WithReplay</c> takes.</remarks>
    [Theory]
    [MemberData(nameof(Modes))]
    public void Any_sequence_through_the_splice_ends_as_it_does_over_a_direct_connection(SpliceMode mode)
    {
        using var loop = new TestLoop(new TransportSettings { Splice = mode });
        var property = Prop.ForAll(Step.Sequences, steps =>
        {
            var direct = loop.ConnectDirectly();
            var expected = Run(steps, direct.Client, direct.Server);
            using var pair = loop.Connect();
            var actual = Run(steps, pair.Client, pair.Server);
            Assert.Equal((expected.ClientEnd, expected.ServerEnd), (actual.ClientEnd, actual.ServerEnd));
            if (expected is { ClientEnd: Ending.Fin, ServerEnd: Ending.Fin })
            {
                Assert.Equal(expected, actual);
                Assert.Equal(SpliceEnd.Completed, pair.End().End);
                Assert.Equal((expected.ServerReceived, expected.ClientReceived), (pair.Splice.BytesToUpstream, pair.Splice.BytesToDownstream));
            }
            loop.UntilNothingIsLeft();
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Sequences), property);
    }

    private static Outcome Run(Step[] steps, ScriptedPeer client, ScriptedPeer server)
    {
        using (client)
        using (server)
        {
            return Outcome.OfAsync(steps, client, server).GetAwaiter().GetResult();
        }
    }
}
