using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Actors.Server.Evaluation;

/// <summary>
/// Rows as lines of JSON, added as they are measured. A run that was cut off goes on with the same file: a last line that was not finished is dropped, and
/// what is there is not measured again. Not thread-safe, and for one process at a time.
/// </summary>
internal sealed class ResultsFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly string _path;
    private readonly List<EvaluationRow> _rows;

    private ResultsFile(string path, List<EvaluationRow> rows) => (_path, _rows) = (path, rows);

    /// <summary>What is in the file.</summary>
    public IReadOnlyList<EvaluationRow> Rows => _rows;

    /// <summary>Opens a file to add to; it need not exist. An unfinished last line is cut off.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="EvaluationException">A line is no row.</exception>
    public static ResultsFile Open(string path)
    {
        if (!File.Exists(path)) return new ResultsFile(path, []);
        List<EvaluationRow> rows = Read(path, out long finished);
        using (FileStream file = File.OpenWrite(path))
            if (file.Length > finished) file.SetLength(finished);
        return new ResultsFile(path, rows);
    }

    /// <summary>The rows of a file, which is not changed.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="EvaluationException">A line is no row.</exception>
    public static IReadOnlyList<EvaluationRow> Read(string path) => Read(path, out _);

    /// <summary>Whether this was measured already.</summary>
    public bool Has(EvaluationKey key) => _rows.Any(row => row.Key == key);

    /// <summary>Adds rows, which are in the file when this returns.</summary>
    public void Add(IEnumerable<EvaluationRow> rows)
    {
        EvaluationRow[] added = [.. rows];
        File.AppendAllText(_path, string.Concat(added.Select(row => JsonSerializer.Serialize(row, Options) + "\n")));
        _rows.AddRange(added);
    }

    private static List<EvaluationRow> Read(string path, out long finished)
    {
        byte[] bytes = File.ReadAllBytes(path);
        finished = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        string[] lines = Encoding.UTF8.GetString(bytes.AsSpan(0, (int)finished)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select((line, i) => Parse(path, line, i + 1))];
    }

    private static EvaluationRow Parse(string path, string line, int number)
    {
        try
        {
            if (JsonSerializer.Deserialize<EvaluationRow>(line, Options) is { } row) return row;
        }
        catch (JsonException exception)
        {
            throw new EvaluationException($"Line {number} of '{path}' is no result of actors eval: {exception.Message}");
        }
        throw new EvaluationException($"Line {number} of '{path}' is no result of actors eval. Remove the line, or name another file.");
    }
}
