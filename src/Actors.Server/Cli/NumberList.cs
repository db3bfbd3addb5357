using System.CommandLine.Parsing;
using System.Globalization;

namespace Actors.Server.Cli;

/// <summary>Reads lists such as 1,2,3 and lengths such as 4k,128k.</summary>
internal static class NumberList
{
    /// <summary>Splits all tokens of an option at commas; k and m multiply by 1,000 and 1,000,000, Ki and Mi by powers of 1,024.</summary>
    public static int[] Parse(ArgumentResult result, int least, int most)
    {
        List<int> numbers = [];
        foreach (string part in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (TryParse(part, out int number) && number >= least && number <= most) numbers.Add(number);
            else result.AddError($"'{part}' is not a whole number from {least} to {most}; write a list such as 1000,4k,128k.");
        }
        return [.. numbers];
    }

    internal static bool TryParse(string text, out int number)
    {
        (string suffix, int factor) = text switch
        {
            _ when text.EndsWith("ki", StringComparison.OrdinalIgnoreCase) => ("ki", 1024),
            _ when text.EndsWith("mi", StringComparison.OrdinalIgnoreCase) => ("mi", 1024 * 1024),
            _ when text.EndsWith('k') || text.EndsWith('K') => ("k", 1000),
            _ when text.EndsWith('m') || text.EndsWith('M') => ("m", 1_000_000),
            _ => ("", 1),
        };
        number = 0;
        bool valid = long.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= int.MaxValue / factor;
        if (valid) number = (int)(value * factor);
        return valid;
    }
}
