using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Tests.Identity;

/// <summary>Damaged bytes lead to a refusal, never to an exception: they come from whoever connects.</summary>
public sealed class DamageTests
{
    private static readonly byte[] _values = [0x00, 0x01, 0x7F, 0x80, 0xFF];

    private readonly Authority _root = Authority.Root();

    [Fact]
    public void A_damaged_leaf_is_inspected_without_an_exception()
    {
        var good = _root.Leaf().RawData;
        foreach (var bytes in Damaged(good))
        {
            if (CertificateFields.TryRead(bytes, out var fields))
            {
                _ = SvidRules.InspectLeaf(fields, PeerRole.Client);
                _ = SvidRules.SigningProblem(fields, isAnchor: false);
                _ = Wording.Name(fields.Issuer);
            }
        }
    }

    [Fact]
    public void A_damaged_list_is_read_without_an_exception()
    {
        foreach (var bytes in Damaged(_root.List([_root.Leaf()])))
        {
            Assert.Equal(RevocationList.TryParse(bytes, out _, out var problem), problem.Length == 0);
        }
    }

    private static IEnumerable<byte[]> Damaged(byte[] good)
    {
        for (var at = 0; at < good.Length; at++)
        {
            foreach (var value in _values.Append((byte)(good[at] ^ 1)).Append((byte)(good[at] + 1)))
            {
                var bytes = (byte[])good.Clone();
                bytes[at] = value;
                yield return bytes;
            }
            yield return good[..at];
        }
    }
}
