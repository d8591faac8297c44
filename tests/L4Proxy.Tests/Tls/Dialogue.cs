using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>One end of a connection in clear: a socket, or the standard streams of a program that does TLS for us.</summary>
/// <param name="Mouth">What is written goes to the other end.</param>
/// <param name="Ear">What the other end says.</param>
/// <param name="End">Ends what we say; what the other end says goes on.</param>
internal sealed record Dialogue(Stream Mouth, Stream Ear, Action End) : IDisposable
{
    /// <summary>Enough for hundreds of records, several turns of every buffer on the way, and a change of write size.</summary>
    public const int SomeMegabytes = 3_000_001;

    public static Dialogue Of(Socket socket)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        return new(stream, stream, () => socket.Shutdown(SocketShutdown.Send));
    }

    public static async Task<Dialogue> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return Of(socket);
    }

    public async Task SayAsync(ReadOnlyMemory<byte> bytes)
    {
        await Mouth.WriteAsync(bytes).AsTask().WaitAsync(Patience.Limit);
        await Mouth.FlushAsync();
    }

    public Task SayAsync(string text) => SayAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>So many bytes as <paramref name="text"/> has, which must be those.</summary>
    public async Task HearAsync(string text) => Assert.Equal(text, Encoding.ASCII.GetString(await HearAsync(text.Length)));

    public async Task<byte[]> HearAsync(int length)
    {
        var heard = new byte[length];
        var at = await Ear.ReadAtLeastAsync(heard, length, throwOnEndOfStream: false).AsTask().WaitAsync(Patience.Limit);
        Assert.True(at == length, $"the other end ended after {at} of {length} bytes: {Encoding.ASCII.GetString(heard, 0, Math.Min(at, 200))}");
        return heard;
    }

    /// <summary>Everything up to and with <paramref name="last"/>.</summary>
    public async Task<string> HearUntilAsync(string last)
    {
        var heard = new StringBuilder();
        while (!heard.ToString().EndsWith(last, StringComparison.Ordinal))
        {
            heard.Append((char)(await HearAsync(1))[0]);
        }
        return heard.ToString();
    }

    /// <summary>One round trip with an end that echoes; the same bytes must come back.</summary>
    public async Task EchoAsync(int length = SomeMegabytes)
    {
        var said = RandomNumberGenerator.GetBytes(length);
        var saying = SayAsync(said);
        var heard = await HearAsync(length);
        await saying;
        Assert.Equal(Convert.ToHexString(SHA256.HashData(said)), Convert.ToHexString(SHA256.HashData(heard)));
    }

    /// <summary>Ends in order: nothing more is said by either.</summary>
    public async Task EndAsync()
    {
        End();
        Assert.Empty(await RestAsync());
    }

    /// <summary>Everything the other end still says, until it ends.</summary>
    public async Task<byte[]> RestAsync()
    {
        using var rest = new MemoryStream();
        await Ear.CopyToAsync(rest).WaitAsync(Patience.Limit);
        return rest.ToArray();
    }

    public void Dispose()
    {
        Mouth.Dispose();
        Ear.Dispose();
    }
}
