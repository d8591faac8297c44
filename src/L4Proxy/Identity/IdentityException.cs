namespace L4Proxy.Identity;

/// <summary>A file of the identity is not good. The message names the file, says what is wrong and what would do, and shows nothing of a key.</summary>
internal sealed class IdentityException(string message) : Exception(message);
