namespace L4Proxy.Pki;

/// <summary>Why a run of <c>pki dev</c> did nothing: what is wrong; what would do.</summary>
internal sealed class PkiException(string message) : Exception(message);
