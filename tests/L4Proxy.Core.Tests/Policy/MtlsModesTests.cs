using System.Collections.Immutable;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;
using static L4Proxy.Core.Tests.Policy.Written;

namespace L4Proxy.Core.Tests.Policy;

/// <summary>Port over workload over namespace over mesh; UNSET inherits.</summary>
public sealed class MtlsModesTests
{
    private static readonly (string Key, string Value)[] _cart = [("app", "cart")];

    public static TheoryData<string, MtlsMode?, MtlsMode?, MtlsMode?, MtlsMode?, MtlsMode, string?> Precedence => new()
    {
        { "nothing", null, null, null, null, MtlsMode.Permissive, null },
        { "mesh", MtlsMode.Strict, null, null, null, MtlsMode.Strict, "istio-system/default" },
        { "namespace over mesh", MtlsMode.Strict, MtlsMode.Disable, null, null, MtlsMode.Disable, "shop/default" },
        { "workload over namespace", MtlsMode.Permissive, MtlsMode.Disable, MtlsMode.Strict, null, MtlsMode.Strict, "shop/cart" },
        { "port over workload", MtlsMode.Permissive, MtlsMode.Permissive, MtlsMode.Permissive, MtlsMode.Disable, MtlsMode.Disable, "shop/cart" },
        { "port of a workload that is UNSET", MtlsMode.Permissive, null, null, MtlsMode.Strict, MtlsMode.Strict, "shop/cart" },
        { "UNSET port and workload inherit", MtlsMode.Permissive, MtlsMode.Strict, null, null, MtlsMode.Strict, "shop/default" },
        { "UNSET namespace inherits", MtlsMode.Strict, null, null, null, MtlsMode.Strict, "istio-system/default" },
    };

    [Theory]
    [MemberData(nameof(Precedence))]
    public void The_narrowest_that_says_something_decides(
        string what, MtlsMode? mesh, MtlsMode? names, MtlsMode? workload, MtlsMode? port, MtlsMode expected, string? by)
    {
        var modes = MtlsModes.Compile(
        [
            Says("shop/cart", workload, (8080, port)).On(_cart), Says("istio-system/default", mesh), Says("shop/default", names),
        ], Workload);
        Assert.True(expected == modes.Of(8080, MtlsMode.Permissive, out var origin), what);
        Assert.Equal(by, origin?.Id);
    }

    [Fact]
    public void Another_port_is_as_the_workload_is_and_each_names_its_line()
    {
        var modes = MtlsModes.Compile([Says("shop/cart", MtlsMode.Strict, (8080, MtlsMode.Disable)).On(_cart)], Workload);
        Assert.Equal(MtlsMode.Strict, modes.Of(9000, MtlsMode.Permissive, out var everyPort));
        Assert.Equal(MtlsMode.Disable, modes.Of(8080, MtlsMode.Permissive, out var port));
        Assert.Equal(10, everyPort?.Line);
        Assert.Equal(30, port?.Line);
    }

    [Fact]
    public void Resources_that_do_not_reach_the_workload_say_nothing()
    {
        var modes = MtlsModes.Compile(
        [
            Says("other/default", MtlsMode.Strict), Says("shop/front", MtlsMode.Strict, (8080, MtlsMode.Strict)).On(("app", "front")),
        ], Workload);
        Assert.Equal(MtlsMode.Disable, modes.Of(8080, MtlsMode.Disable, out var by));
        Assert.Null(by);
    }

    [Fact]
    public void A_selector_in_the_root_namespace_selects_in_every_namespace()
    {
        var modes = MtlsModes.Compile([Says("istio-system/cart", MtlsMode.Strict).On(_cart), Says("shop/default", MtlsMode.Disable)], Workload);
        Assert.Equal(MtlsMode.Strict, modes.Of(8080, MtlsMode.Permissive, out _));
    }

    [Fact]
    public void Ports_count_only_with_a_selector() =>
        Assert.Equal(
            MtlsMode.Strict,
            MtlsModes.Compile([Says("shop/default", MtlsMode.Strict, (8080, MtlsMode.Disable))], Workload).Of(8080, MtlsMode.Permissive, out _));

    [Fact]
    public void Of_two_of_the_same_reach_the_first_by_name_decides_whatever_the_order_of_the_files()
    {
        PeerAuthentication[] resources = [Says("shop/b", MtlsMode.Strict), Says("shop/a", MtlsMode.Disable)];
        Assert.Equal(MtlsMode.Disable, MtlsModes.Compile(resources, Workload).Of(1, MtlsMode.Permissive, out _));
        Assert.Equal(MtlsMode.Disable, MtlsModes.Compile(resources.Reverse(), Workload).Of(1, MtlsMode.Permissive, out var by));
        Assert.Equal("shop/a", by?.Id);
    }

    [Fact]
    public void Where_nothing_is_said_the_fallback_decides()
    {
        Assert.Equal(MtlsMode.Strict, MtlsModes.Empty.Of(8080, MtlsMode.Strict, out var by));
        Assert.Null(by);
    }

    private static PeerAuthentication Says(string name, MtlsMode? mode, params (int Port, MtlsMode? Mode)[] ports) => new(
        new Origin(ResourceKind.PeerAuthentication, name.Split('/')[0], name.Split('/')[1], "mtls.yaml", 10), WorkloadSelector.Everything, mode,
        ports.ToImmutableSortedDictionary(port => port.Port, port => new PortMtls(port.Mode, 30)));
}

internal static class PeerAuthentications
{
    public static PeerAuthentication On(this PeerAuthentication resource, params (string Key, string Value)[] labels) =>
        resource with { Selector = Selector(labels) };
}
