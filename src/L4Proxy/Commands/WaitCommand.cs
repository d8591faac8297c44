using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using L4Proxy.Configuration.Binding;

namespace L4Proxy.Commands;

/// <summary><c>l4proxy wait</c>: returns once the proxy beside it is ready, for start scripts and post-start hooks.</summary>
internal static class WaitCommand
{
    private const int Succeeded = 0;
    private const int Failed = 1;

    private static readonly TimeSpan _defaultTimeout = TimeSpan.FromSeconds(60);

    // A pod's start waits for this; five questions a second are nothing for the proxy.
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _answerWithin = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            Description = "How long to wait at most, such as 500ms, 60s or 2m; 0s asks once. [default: 60s]",
            HelpName = "duration",
            CustomParser = ParseTimeout,
        };
        var port = new Option<int>("--health-port")
        {
            Description = "The proxy's health port on 127.0.0.1.",
            HelpName = "port",
            DefaultValueFactory = _ => 15021,
        };
        port.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, CultureInfo.InvariantCulture, out var number)
                && number is < 1 or > 65535)
            {
                result.AddError($"--health-port: {number} is not a port; give one from 1 to 65535");
            }
        });
        var command = new Command("wait", """
            Returns 0 once the proxy beside it is ready, 1 if it is not ready in time (and says why).

            Example:
              l4proxy wait --timeout 60s && exec my-application
            """)
        {
            timeout,
            port,
        };
        command.SetAction((parsed, cancellationToken) =>
            WaitAsync(parsed.GetValue(port), parsed.GetValue(timeout) ?? _defaultTimeout,
                parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    internal static async Task<int> WaitAsync(int port, TimeSpan timeout, TextWriter error, CancellationToken cancellationToken)
    {
        // No proxy: HTTP_PROXY of the application's environment is not meant for the loopback.
        using var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = _answerWithin };
        using var client = new HttpClient(handler) { Timeout = _answerWithin };
        var startedAt = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var reason = await AskAsync(client, port, cancellationToken);
            if (reason is null)
            {
                return Succeeded;
            }
            var left = timeout - TimeProvider.System.GetElapsedTime(startedAt);
            if (left <= TimeSpan.Zero)
            {
                await error.WriteLineAsync(
                    $"l4proxy wait: not ready after {ScalarText.Format(timeout)}: {reason}");
                return Failed;
            }
            await Task.Delay(left < _interval ? left : _interval, cancellationToken);
        }
    }

    // Null when ready, else why not.
    private static async Task<string?> AskAsync(HttpClient client, int port, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/readyz"), cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return null;
            }
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            return answer.StatusCode == HttpStatusCode.ServiceUnavailable && text.Length > 0
                ? text.Trim().Replace("\n", "; ", StringComparison.Ordinal)
                : $"127.0.0.1:{port}/readyz answers {(int)answer.StatusCode}; is that the proxy's health port?";
        }
        catch (HttpRequestException failed)
        {
            return $"127.0.0.1:{port}: {failed.InnerException?.Message ?? failed.Message}";
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"127.0.0.1:{port} does not answer";
        }
    }

    private static TimeSpan? ParseTimeout(ArgumentResult result)
    {
        try
        {
            return ScalarText.Duration(result.Tokens[0].Value, zero: "ask once");
        }
        catch (FormatException error)
        {
            result.AddError($"--timeout: {error.Message}");
            return null;
        }
    }
}
