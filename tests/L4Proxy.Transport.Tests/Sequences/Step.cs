using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace L4Proxy.Transport.Tests.Sequences;

internal enum Act
{
    /// <summary>Give so many more bytes to the sender, without waiting for them to leave.</summary>
    Send,

    /// <summary>FIN after everything given so far; later sends of this side are void.</summary>
    HalfClose,

    /// <summary>RST now, whatever is queued.</summary>
    Reset,

    /// <summary>Stop reading.</summary>
    Stall,
    Resume,

    /// <summary>Wait until so many more bytes arrived here, or all that were given on the other side.</summary>
    Read,
}

/// <summary>One thing one side does.</summary>
internal sealed record Step(bool ByClient, Act Act, int Bytes)
{
    public override string ToString() =>
        (ByClient ? "client " : "server ") + Act + (Bytes > 0 ? " " + Bytes.ToString(CultureInfo.InvariantCulture) : "");

    /// <summary>Mostly traffic, with ends and stalls between; sizes from a byte to what fills buffers and starts splicing.</summary>
    public static Arbitrary<Step[]> Sequences { get; } = Arb.From(Sequence(), Shrink);

    private static Gen<Step[]> Sequence() =>
        from length in Gen.Choose(1, 12)
        from steps in Any().ListOf(length)
        select steps.ToArray();

    private static Gen<Step> Any() =>
        from client in Gen.Elements(true, false)
        from act in Gen.Frequency(
            (8, Gen.Constant(Act.Send)), (6, Gen.Constant(Act.Read)), (2, Gen.Constant(Act.Stall)),
            (2, Gen.Constant(Act.Resume)), (2, Gen.Constant(Act.HalfClose)), (1, Gen.Constant(Act.Reset)))
        from bytes in act is Act.Send or Act.Read ? Size() : Gen.Constant(0)
        select new Step(client, act, bytes);

    private static Gen<int> Size() =>
        Gen.OneOf(Gen.Choose(1, 200), Gen.Choose(1, 20_000), Gen.Elements(65_535, 65_536, 65_537), Gen.Choose(1, 2_000_000));

    private static IEnumerable<Step[]> Shrink(Step[] steps)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps.Length > 1)
            {
                yield return [.. steps[..i], .. steps[(i + 1)..]];
            }
            if (steps[i].Bytes > 1)
            {
                yield return [.. steps[..i], steps[i] with { Bytes = steps[i].Bytes / 2 }, .. steps[(i + 1)..]];
            }
        }
    }
}
