using System.Reflection;
using L4Proxy.Commands;
using L4Proxy.Core.Connections;
using L4Proxy.Transport;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Tests.House;

/// <summary>An alert is written against an event's id: one id, one meaning.</summary>
public sealed class LogEventTests
{
    private static readonly List<(MethodInfo Method, LoggerMessageAttribute Event)> _events =
    [
        .. from assembly in new[] { typeof(CommandTree).Assembly, typeof(EventLoop).Assembly, typeof(CloseReason).Assembly }
           from type in assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
           let attribute = method.GetCustomAttribute<LoggerMessageAttribute>()
           where attribute is not null
           select (method, attribute),
    ];

    [Fact]
    public void Every_event_has_an_id_of_its_own()
    {
        Assert.NotEmpty(_events);
        Assert.All(
            _events.GroupBy(each => each.Event.EventId),
            group => Assert.True(group.Count() == 1, $"event {group.Key} is {string.Join(" and ", group.Select(each => $"{each.Method.DeclaringType!.Name}.{each.Method.Name}"))}"));
    }

    [Fact]
    public void Every_event_is_in_a_block_and_has_a_message() => Assert.All(_events, each =>
    {
        Assert.InRange(each.Event.EventId, 100, 999);
        Assert.NotEmpty(each.Event.Message);
    });
}
