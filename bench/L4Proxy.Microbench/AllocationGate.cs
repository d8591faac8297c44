using System.Reflection;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace L4Proxy.Microbench;

/// <summary>
/// Runs the chosen benchmarks. Times never fail a run, they belong to the machine; allocated bytes do, they belong to the code. Also
/// fails when a benchmark's own check of its answers failed. <c>--quick</c> takes few iterations: enough for allocations, not for times.
/// </summary>
internal static class AllocationGate
{
    private const string Quick = "--quick";

    /// <summary>Exit code: 0 when everything ran and every promise held, else 1.</summary>
    internal static int Run(string[] args)
    {
        var job = args.Contains(Quick, StringComparer.Ordinal) ? Job.ShortRun : Job.Default;
        var config = DefaultConfig.Instance
            .AddJob(job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .HideColumns(Column.Error, Column.StdDev, Column.RatioSD);
        var chosen = args.Where(argument => argument != Quick).ToArray();
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(AllocationGate).Assembly).Run(chosen.Length == 0 ? ["--filter", "*"] : chosen, config).ToArray();
        var problems = summaries.SelectMany(Problems).ToArray();
        foreach (var problem in problems)
        {
            Console.Error.WriteLine($"error: {problem}");
        }
        return problems.Length == 0 ? 0 : 1;
    }

    private static IEnumerable<string> Problems(Summary summary)
    {
        foreach (var error in summary.ValidationErrors.Where(error => error.IsCritical))
        {
            yield return error.Message;
        }
        foreach (var report in summary.Reports)
        {
            var name = report.BenchmarkCase.Descriptor.GetFilterName();
            if (!report.Success)
            {
                yield return $"{name} did not run to its end (its check of the answers may have failed; see above)";
            }
            else if (report.BenchmarkCase.Descriptor.WorkloadMethod.GetCustomAttribute<AllocatesNothingAttribute>() is not null
                && report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) is > 0 and var bytes)
            {
                yield return $"{name} allocates {bytes} bytes per operation but promises none";
            }
        }
    }
}
