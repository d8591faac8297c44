using System.Diagnostics;
using L4Proxy.Load.Measuring;

namespace L4Proxy.Load.Tests;

public sealed class ProcFilesTests
{
    [Fact]
    public void Pss_is_taken_from_its_own_line_and_not_from_its_parts() =>
        Assert.Equal(1234 * 1024, ProportionalSet.Parse("55d0-7ffe ---p 00000000 00:00 0  [rollup]\nRss:   5000 kB\nPss:    1234 kB\nPss_Anon:   99 kB\nPss_Dirty: 7 kB\n"));

    [Fact]
    public void A_core_is_not_confused_with_one_whose_number_begins_alike()
    {
        const string stat = "cpu  900 0 0 0 0 0 0 30 0 0\ncpu1 100 20 300 5000 70 4 6 0 0 0\ncpu10 9 9 9 9 9 9 9 9 9 9\nintr 1\n";

        Assert.Equal(new CoreTimes(4.3, 0.3), CoreTimes.Parse(stat, 1));
    }

    [Fact]
    public void Cpu_of_a_tree_counts_children_that_are_alive()
    {
        // The shell itself does nothing; its child burns CPU until it is killed.
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "while :; do :; done & echo $!; wait"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        try
        {
            var child = int.Parse(shell.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal([shell.Id, child], ProcessTree.Of(shell.Id));

            var clock = Stopwatch.StartNew();
            while (CpuClock.OfTree(shell.Id) < 0.05)
            {
                Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "the busy child's CPU was not counted");
            }
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }
    }
}
