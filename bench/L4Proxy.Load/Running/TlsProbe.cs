using System.Net;
using L4Proxy.Load.Certificates;
using L4Proxy.Load.Generator;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Running;

/// <summary>
/// Before a pair is timed: listens to what its halves negotiate, and makes sure that each refuses who it must refuse. A proxy that
/// resumes sessions or skips verification does less work than the others, and its times would say nothing.
/// </summary>
internal static class TlsProbe
{
    // Places 3 to 6 of 127.0: where the second half listens, and three for what is started here.
    private const byte SecondHalf = 3;
    private const byte FirstHalf = 4;
    private const byte Listening = 5;
    private const byte Pretending = 6;

    // The second and third come after a ticket could have been given.
    private const int Handshakes = 3;
    private const int MessageSize = 128;

    /// <summary>What was negotiated, for the report; throws <see cref="LoadException"/> when the pair does not do its work.</summary>
    internal static string Run(Lane lane, MeshCredentials mesh)
    {
        lane.Topology.EnterContender();
        try
        {
            var hellos = Listen(lane);
            if (hellos.Exists(hello => hello.Resumed))
            {
                throw new LoadException($"{lane.Name} resumes sessions: its handshakes would be compared with full ones");
            }
            var terminating = Place(lane, SecondHalf);
            Stranger.MustBeRefusedAsClient(lane.Name, terminating, null);
            Stranger.MustBeRefusedAsClient(lane.Name, terminating, mesh.Impostor);
            lane.WaitUntilQuiet();
            var pretending = Place(lane, Pretending);
            using var stranger = new Stranger(pretending, mesh.Impostor);
            using var half = lane.StartFirstHalf(Place(lane, FirstHalf), pretending);
            stranger.MustBeRefusedAsServer(lane.Name, Place(lane, FirstHalf));
            return $"{string.Join("; ", hellos.Distinct())}; both ends refuse certificates of another root";
        }
        finally
        {
            lane.Topology.EnterGenerator();
        }
    }

    private static List<ServerHello> Listen(Lane lane)
    {
        using var tap = new Tap(lane.Loop, Place(lane, Listening), Place(lane, SecondHalf));
        using var half = lane.StartFirstHalf(Place(lane, FirstHalf), Place(lane, Listening));
        var message = Pattern.At(0, MessageSize).ToArray();
        new Header(Mode.Echo, Verify: false, MessageSize).Write(message);
        for (var i = 1; i <= Handshakes; i++)
        {
            var left = false;
            _ = new Visitor(lane.Loop, Place(lane, FirstHalf), IPAddress.Loopback, message, Ending.Reset, _ => left = true);
            lane.RunUntil(() => left, "a connection through the tap");
        }
        lane.WaitUntilQuiet();
        return tap.Heard.Count >= Handshakes
            ? tap.Heard
            : throw new LoadException($"{lane.Name}: no TLS was seen between the halves of the pair");
    }

    private static IPEndPoint Place(Lane lane, byte place) => lane.Topology.Inside(lane.Index, place);
}
