namespace L4Proxy.Transport.Tests.Harness;

/// <summary>What most tests run over: each way bytes can run, by copying and by splicing.</summary>
internal static class Ways
{
    public static TheoryData<SpliceMode> Modes => [SpliceMode.Off, SpliceMode.Always, SpliceMode.Random, SpliceMode.Adaptive];

    public static TheoryData<SpliceMode, Flow> ModesAndFlows
    {
        get
        {
            var data = new TheoryData<SpliceMode, Flow>();
            foreach (var mode in new[] { SpliceMode.Off, SpliceMode.Always, SpliceMode.Adaptive })
            {
                data.Add(mode, Flow.ToUpstream);
                data.Add(mode, Flow.ToDownstream);
            }
            return data;
        }
    }

    /// <summary>The end to expect when the source of this way breaks.</summary>
    public static SpliceEnd SourceFailed(Flow flow) =>
        flow == Flow.ToUpstream ? SpliceEnd.DownstreamFailed : SpliceEnd.UpstreamFailed;

    public static Leg SourceLeg(SplicedPair pair, Flow flow) => flow == Flow.ToUpstream ? pair.Downstream : pair.Upstream;

    public static long Moved(SplicedPair pair, Flow flow) =>
        flow == Flow.ToUpstream ? pair.Splice.BytesToUpstream : pair.Splice.BytesToDownstream;
}
