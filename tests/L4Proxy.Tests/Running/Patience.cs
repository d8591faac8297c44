namespace L4Proxy.Tests.Running;

/// <summary>Waiting for a state of another process, which can only be asked for: bounded, and never a wait for its own sake.</summary>
internal static class Patience
{
    /// <summary>Far more than anything here takes; what takes longer has failed.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(10);

    /// <summary>Asks until the answer is there.</summary>
    public static async Task<T> ForAsync<T>(string what, Func<Task<T?>> ask)
        where T : class
    {
        var started = TimeProvider.System.GetTimestamp();
        using var next = new PeriodicTimer(_between);
        while (true)
        {
            if (await ask() is { } answer)
            {
                return answer;
            }
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Limit, $"still not after {Limit.TotalSeconds} s: {what}");
            await next.WaitForNextTickAsync();
        }
    }

    public static Task UntilAsync(string what, Func<Task<bool>> isTrue) =>
        ForAsync(what, async () => await isTrue() ? "" : null);
}
