using System.Globalization;

namespace L4Proxy.Tests.Tls.Endurance;

/// <summary>A number that the environment may raise for a long run; without it the test is as short as it can be.</summary>
internal static class SoakSetting
{
    public static int Of(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
