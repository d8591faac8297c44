using L4Proxy.Load.Contenders;
using L4Proxy.Load.Workloads;

namespace L4Proxy.Load.Tests;

public sealed class SelectionTests
{
    [Fact]
    public void Nothing_chosen_is_plaintext_through_single_proxies()
    {
        var selection = Selection.Create([], [], mutualTls: false, out _)!;

        Assert.Equal(ContenderCatalog.Names, selection.Contenders);
        Assert.Equal(WorkloadCatalog.Default, selection.Workloads);
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("nginx-mtls,direct", "", false)]
    [InlineData("", "mtls-storm", false)]
    public void One_name_of_a_pair_or_the_option_brings_pairs_and_their_workloads(string contenders, string workloads, bool option)
    {
        var selection = Selection.Create(Names(contenders), Names(workloads), option, out _)!;

        Assert.Equal(contenders.Length > 0 ? Names(contenders) : ContenderCatalog.Pairs, selection.Contenders);
        Assert.Equal(workloads.Length > 0 ? Names(workloads) : [.. WorkloadCatalog.MutualTls.Select(workload => workload.Name)], selection.Workloads);
    }

    [Theory]
    [InlineData("l4proxy-mtls,nginx", "", false, "nginx:")]
    [InlineData("l4proxy", "mtls-bulk-1", false, "l4proxy:")]
    [InlineData("l4proxy-mtls", "mtls-bulk-1,bulk-1", false, "bulk-1:")]
    [InlineData("l4proxy", "bulk-1", true, "l4proxy, bulk-1:")]
    public void Plaintext_and_pairs_in_one_run_are_refused_by_name(string contenders, string workloads, bool option, string begins)
    {
        Assert.Null(Selection.Create(Names(contenders), Names(workloads), option, out var error));
        Assert.StartsWith(begins, error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_line_without_names_measures_something() =>
        Assert.Empty(CommandLine.Create().Parse("--mtls").Errors);

    private static string[] Names(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
