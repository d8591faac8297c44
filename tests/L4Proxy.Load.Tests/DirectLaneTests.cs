using L4Proxy.Load.Generator;
using L4Proxy.Load.Running;
using L4Proxy.Load.Wire;
using L4Proxy.Load.Workloads;

namespace L4Proxy.Load.Tests;

/// <summary>Generator and server without a proxy between them: what they find wrong here is their own fault.</summary>
public sealed class DirectLaneTests : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly Loopback _topology = new();
    private readonly Lane _lane;

    public DirectLaneTests() => _lane = new Lane(_loop, _topology, null, 0, "", 0);

    public static TheoryData<string> Workloads => [.. WorkloadCatalog.All.Where(workload => !workload.FreshProcess).Select(workload => workload.Name)];

    [Fact]
    public void Every_byte_and_ending_arrives_as_sent() => Verification.Run(_lane);

    [Theory]
    [MemberData(nameof(Workloads))]
    public void A_workload_runs_to_its_end_and_leaves_no_connection(string name)
    {
        var sample = WorkloadCatalog.Choose([name])[0].Run(_lane, 0.01);

        Assert.True(sample.Rate > 0);
        Assert.Equal(0, _lane.Server.Open);
    }

    [Fact]
    public void An_open_loop_that_is_asked_for_more_than_there_is_tells_the_time_messages_waited()
    {
        // Two million a second through one connection cannot be: the later half of the messages waits for longer than the run should last.
        var sample = new OpenLoop("", "", 128, 1, 2_000_000, 0.005).Run(_lane, 1);

        Assert.True(sample.Latency!.P50 > 5_000, $"median {sample.Latency.P50} µs");
    }

    [Fact]
    public void Bytes_that_a_proxy_changed_are_noticed_by_the_server()
    {
        var descriptor = Sockets.Connect(_lane.Target);
        _loop.Add(descriptor, new Sender(descriptor), Constants.Writable);

        var failure = Assert.Throws<LoadException>(() => _lane.RunUntil(() => false, "a transfer"));

        Assert.Contains("wrong bytes", failure.Message, StringComparison.Ordinal);
        _loop.Close(descriptor);
    }

    public void Dispose()
    {
        _lane.Dispose();
        _topology.Dispose();
        _loop.Dispose();
    }

    private sealed class Sender(int descriptor) : IReadiness
    {
        private bool _sent;

        public void Ready(uint events)
        {
            if (_sent)
            {
                return;
            }
            _sent = true;
            Outcome.Connected(descriptor);
            var bytes = new byte[Header.Size + 100];
            new Header(Mode.Upload, Verify: true, 0).Write(bytes);
            Outcome.Sent(Sockets.Send(descriptor, bytes), bytes.Length);
        }
    }
}
