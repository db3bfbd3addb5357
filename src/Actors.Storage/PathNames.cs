using System.Security.Cryptography;
using System.Text;

namespace Actors.Storage;

/// <summary>
/// File names for names that users choose. Lower-case letters, digits and '-' stay; every other byte of the UTF-8 form becomes '_' and two
/// hexadecimal digits, so no name can leave its folder, differ by case only, or be reserved. Long names end in a hash.
/// </summary>
internal static class PathNames
{
    internal const int MaxNameChars = 1024;

    private const int MaxFileNameChars = 120;
    private const int KeptChars = 48;

    /// <summary>The file name for a name.</summary>
    /// <exception cref="ArgumentException">The name is empty or longer than 1,024 characters.</exception>
    internal static string Encode(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        if (name.Length > MaxNameChars)
            throw new ArgumentException($"A name has at most {MaxNameChars} characters, this one has {name.Length}.", parameter);

        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        var encoded = new StringBuilder("n-", utf8.Length + 2);
        foreach (byte b in utf8)
        {
            if (b is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9') or (byte)'-') encoded.Append((char)b);
            else encoded.Append('_').Append(b.ToString("x2"));
        }

        if (encoded.Length <= MaxFileNameChars) return encoded.ToString();
        return $"h-{encoded.ToString(2, KeptChars)}-{Convert.ToHexStringLower(SHA256.HashData(utf8))}";
    }
}
