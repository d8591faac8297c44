namespace L4Proxy.Tests.Tls;

/// <summary>Tests with a TLS peer that is not ours. They start programs and share one set of certificates; nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ForeignTlsCollection : ICollectionFixture<TestPki>
{
    public const string Name = "foreign TLS peers";
}
