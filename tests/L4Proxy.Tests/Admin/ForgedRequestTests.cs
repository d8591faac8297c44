using System.Globalization;
using System.Net;
using System.Text;
using L4Proxy.Admin;

namespace L4Proxy.Tests.Admin;

/// <summary>Everything of the pod reaches the admin port; only what is meant for it is answered.</summary>
public sealed class ForgedRequestTests
{
    private const string Nothing = """{"version":1,"resources":[]}""";

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:{port}")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:1")]
    [InlineData("127.0.0.1.evil.example:{port}")]
    [InlineData("localhost.:{port}")]
    [InlineData("10.0.0.1:{port}")]
    [InlineData("[::2]:{port}")]
    public async Task A_name_that_is_not_ours_is_refused_so_that_no_name_can_be_rebound_to_the_loopback(string host)
    {
        await using var admin = await AdminHost.StartAsync();

        var answer = await admin.GetAsync("/policy", ("Host", host.Replace("{port}", Port(admin), StringComparison.Ordinal)));

        Assert.Equal(HttpStatusCode.Forbidden, answer.Code);
        Assert.Equal(
            $$"""{"version":1,"error":"the Host header is not of this endpoint; ask for 127.0.0.1:{{Port(admin)}}, [::1]:{{Port(admin)}} or localhost:{{Port(admin)}}"}""",
            answer.Text);
    }

    [Theory]
    [InlineData("127.0.0.1:{port}")]
    [InlineData("localhost:{port}")]
    [InlineData("LOCALHOST:{port}")]
    [InlineData("[::1]:{port}")]
    public async Task The_names_of_the_loopback_with_our_port_are_answered(string host)
    {
        await using var admin = await AdminHost.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/policy", ("Host", host.Replace("{port}", Port(admin), StringComparison.Ordinal)))).Code);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task What_a_web_page_asks_is_refused_even_to_read(string header, string value)
    {
        await using var admin = await AdminHost.StartAsync();

        var answer = await admin.GetAsync("/policy", (header, value));

        Assert.Equal((HttpStatusCode.Forbidden, """{"version":1,"error":"requests made by web pages are not answered"}"""), (answer.Code, answer.Text));
    }

    [Fact]
    public async Task A_page_that_a_person_opens_is_answered()
    {
        await using var admin = await AdminHost.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/policy", ("Sec-Fetch-Site", "none"))).Code);
    }

    [Fact]
    public async Task A_preflight_is_granted_nothing()
    {
        await using var admin = await AdminHost.StartAsync();

        var answer = await admin.SendAsync(HttpMethod.Options, "/policy/preview", content: null,
            ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "x-l4proxy-admin"));

        Assert.Equal(HttpStatusCode.Forbidden, answer.Code);
        Assert.DoesNotContain(answer.Headers.Keys, header => header.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0")]
    [InlineData("true")]
    public async Task What_is_posted_without_the_header_that_no_form_can_set_is_refused(string? value)
    {
        var previews = 0;
        await using var admin = await AdminHost.StartAsync(impact: _ =>
        {
            previews++;
            return Task.FromResult(new CandidateImpact(0, 0, []));
        });

        var answer = await admin.SendAsync(HttpMethod.Post, "/policy/preview", new StringContent(Nothing, Encoding.UTF8, "application/json"),
            value is null ? [] : [("X-L4Proxy-Admin", value)]);

        Assert.Equal((HttpStatusCode.Forbidden, 0), (answer.Code, previews));
        Assert.Contains("X-L4Proxy-Admin: 1", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_content_of_a_form_is_refused_whatever_its_headers()
    {
        await using var admin = await AdminHost.StartAsync();

        var answer = await admin.SendAsync(HttpMethod.Post, "/policy/preview", new StringContent(Nothing, Encoding.UTF8, "text/plain"), ("X-L4Proxy-Admin", "1"));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.Code);
    }

    [Theory]
    [InlineData("GET", "/policy/preview", 405)]
    [InlineData("PUT", "/policy/preview", 405)]
    [InlineData("POST", "/policy", 405)]
    [InlineData("DELETE", "/explain", 405)]
    [InlineData("GET", "/", 404)]
    [InlineData("GET", "/policy/", 404)]
    [InlineData("POST", "/quitquitquit", 404)]
    public async Task Other_methods_and_paths_do_nothing(string method, string path, int code)
    {
        await using var admin = await AdminHost.StartAsync();

        var answer = await admin.SendAsync(new HttpMethod(method), path, content: null, ("X-L4Proxy-Admin", "1"));

        Assert.Equal(code, (int)answer.Code);
    }

    [Fact]
    public async Task What_is_answered_is_neither_stored_nor_embedded()
    {
        await using var admin = await AdminHost.StartAsync();

        var headers = (await admin.GetAsync("/policy")).Headers;

        Assert.Equal(("no-store", "nosniff", "same-origin"), (headers["Cache-Control"], headers["X-Content-Type-Options"], headers["Cross-Origin-Resource-Policy"]));
    }

    private static string Port(AdminHost admin) => admin.Port.ToString(CultureInfo.InvariantCulture);
}
