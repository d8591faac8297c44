using L4Proxy.Configuration;

namespace L4Proxy.Tests.Configuration;

public sealed class ConnectionLimitTests
{
    [Theory]
    [InlineData(256, 1, 2, 12, 1, "at most 12 connections = (256 open files - 230 in reserve - 2 for pipes) / 2 per connection")]
    [InlineData(1_024, 2, 2, 345, 49, "at most 345 connections = (1024 open files - 236 in reserve - 98 for pipes) / 2 per connection")]
    [InlineData(1_048_576, 2, 2, 523_914, 256, "at most 523914 connections = (1048576 open files - 236 in reserve - 512 for pipes) / 2 per connection")]
    [InlineData(1_073_741_816, 2, 2, 1_000_000, 256, "at most 1000000 connections, where auto stops; 536870534 would fit = (1073741816 open files - 236 in reserve - 512 for pipes) / 2 per connection")]
    [InlineData(long.MaxValue, 64, 2, 1_000_000, 256, "at most 1000000 connections, where auto stops; 1073741263 would fit = (9223372036854775807 open files - 608 in reserve - 512 for pipes) / 2 per connection")]
    public void Auto_follows_the_descriptors(long openFiles, int eventLoops, int listeners, int maximum, int pipes, string sentence)
    {
        var limit = ConnectionLimit.Compute(openFiles, eventLoops, listeners, configured: null);

        Assert.Equal((maximum, pipes, sentence, null), (limit.Maximum, limit.Pipes, limit.Sentence, limit.Problem));
    }

    [Fact]
    public void A_configured_limit_that_fits_is_taken() => Assert.Equal(
        "at most 100 connections, as configured; 345 would fit = (1024 open files - 236 in reserve - 98 for pipes) / 2 per connection",
        ConnectionLimit.Compute(1_024, 2, 2, 100).Sentence);

    [Fact]
    public void A_configured_limit_may_be_higher_than_auto_would_go() =>
        Assert.Equal(2_000_000, ConnectionLimit.Compute(1_073_741_816, 2, 2, 2_000_000).Maximum);

    [Fact]
    public void A_configured_limit_that_does_not_fit_says_what_would_do()
    {
        var problem = ConnectionLimit.Compute(1_024, 2, 2, 10_000).Problem;

        Assert.Equal(
            "10000 connections do not fit, 345 do = (1024 open files - 236 in reserve - 98 for pipes) / 2 per connection; write at most 345 or raise RLIMIT_NOFILE (ulimit -n) to 20748",
            problem);
        Assert.Null(ConnectionLimit.Compute(20_748, 2, 2, 10_000).Problem);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(236)]
    [InlineData(237)]
    public void Too_few_descriptors_for_one_connection_are_an_error(long openFiles) => Assert.Equal(
        $"no connection fits into the {openFiles} open files of this process, 236 are needed for the proxy itself; raise RLIMIT_NOFILE (ulimit -n) to 1024 or more",
        ConnectionLimit.Compute(openFiles, 2, 2, configured: null).Problem);

    [Fact]
    public void Whatever_the_limit_the_parts_never_exceed_it()
    {
        for (var openFiles = 236; openFiles < 10_000; openFiles++)
        {
            var limit = ConnectionLimit.Compute(openFiles, 2, 2, configured: null);
            Assert.InRange(236 + 2 * limit.Pipes + 2 * limit.Maximum, openFiles - 1, openFiles);
        }
    }

    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 1024)]
    [InlineData("Max open files            1073741816           1073741816           files     ", 1_073_741_816)]
    [InlineData("Max open files            unlimited            unlimited            files     ", long.MaxValue)]
    public void The_soft_limit_is_read_from_procfs(string line, long expected) =>
        Assert.Equal(expected, OpenFilesLimit.Parse(["Limit                     Soft Limit           Hard Limit           Units     ", line]));

    [Fact]
    public void This_process_has_a_limit() => Assert.InRange(OpenFilesLimit.Read(), 64, long.MaxValue);

    [Theory]
    [InlineData(1_000, null, 250)]
    [InlineData(100, null, 64)]
    [InlineData(1_000_000, null, 250_000)]
    [InlineData(1_000, 7, 7)]
    public void Handshakes_in_flight_are_a_quarter_of_the_connections_and_at_least_64(int connections, int? configured, int expected) =>
        Assert.Equal(expected, HandshakeLimit.For(new ProxyOptions { Limits = new() { HandshakesInFlight = configured } }, connections));
}
