using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Actors.Engine;
using Actors.Grains.Abstractions;
using Actors.Models;
using Actors.Storage;

namespace Actors.Grains;

/// <summary>How the loaded model writes conversations: messages in, tokens out. Immutable and thread-safe.</summary>
public sealed class SessionModel
{
    /// <summary>Role of an answer of the model in a history that is written anew.</summary>
    internal const string AnswerRole = "answer";

    private readonly LoadedModel _model;
    private readonly int[] _opening;

    /// <summary>Reads what is needed from a model.</summary>
    /// <param name="model">A model with a tokenizer; stays the caller's.</param>
    public SessionModel(LoadedModel model)
    {
        _model = model;
        _opening = model.ChatTemplate.EncodeOpening(model.Tokenizer);
        AssistantPrefix = model.ChatTemplate.EncodeAssistantPrefix(model.Tokenizer);
        AssistantSuffix = model.ChatTemplate.EncodeAssistantSuffix(model.Tokenizer);
        TextFingerprint = HashOf(model);
    }

    /// <summary>Name of the model.</summary>
    public string Id => _model.Id;

    /// <summary>Identity of the weights. Stored keys and values of another model are never used.</summary>
    public string Fingerprint => _model.Fingerprint;

    /// <summary>Identity of tokenizer and chat template. Stored tokens are used again only when it is the same.</summary>
    public string TextFingerprint { get; }

    /// <summary>Size of the vocabulary.</summary>
    public int VocabularySize => _model.Tokenizer.VocabularySize;

    /// <summary>Tokens that open the assistant's answer.</summary>
    public ReadOnlyMemory<int> AssistantPrefix { get; }

    /// <summary>Tokens that close the assistant's answer.</summary>
    public ReadOnlyMemory<int> AssistantSuffix { get; }

    /// <summary>Writes new items as tokens, each as far as it goes: what stands between it and the item before belongs to it.</summary>
    /// <param name="items">The items.</param>
    /// <param name="end">What stands before them.</param>
    /// <param name="lastRole">Who spoke last, null at the start.</param>
    internal List<JournalItem> Encode(IReadOnlyList<SessionItem> items, HistoryEnd end, string? lastRole)
    {
        List<JournalItem> written = [];
        foreach (SessionItem item in items)
        {
            List<int> tokens = [];
            if (end == HistoryEnd.Nothing) tokens.AddRange(_opening);
            if (end is HistoryEnd.CutAnswer or HistoryEnd.WholeAnswer) tokens.AddRange(AssistantSuffix.Span);
            tokens.AddRange(item.Role switch
            {
                SessionItem.TextRole => _model.Tokenizer.Encode(item.Text, parseSpecialTokens: false),
                AnswerRole => [.. AssistantPrefix.Span, .. _model.Tokenizer.Encode(item.Text, parseSpecialTokens: false)],
                _ => _model.ChatTemplate.EncodeMessage(_model.Tokenizer, new ChatMessage(item.Role, item.Text), lastRole),
            });
            written.Add(new JournalItem(item.Role, item.Text, [.. tokens]));
            lastRole = item.Role == AnswerRole ? "assistant" : item.Role;
            end = item.Role == AnswerRole ? HistoryEnd.WholeAnswer : HistoryEnd.Input;
        }

        return written;
    }

    /// <summary>The text of tokens, without special ones.</summary>
    /// <param name="tokens">Tokens of the vocabulary.</param>
    public string TextOf(ReadOnlySpan<int> tokens) => _model.Tokenizer.Decode(tokens, skipSpecialTokens: true);

    /// <summary>The text of one token by itself.</summary>
    /// <param name="token">A token of the vocabulary.</param>
    public string TextOf(int token) => _model.Tokenizer.Decode([token], skipSpecialTokens: false);

    /// <summary>The bytes of tokens, special ones included.</summary>
    /// <param name="tokens">Tokens of the vocabulary.</param>
    /// <param name="ends">Set to the number of bytes up to the end of each token.</param>
    internal byte[] BytesOf(ReadOnlySpan<int> tokens, Span<int> ends)
    {
        var bytes = new ArrayBufferWriter<byte>();
        for (int i = 0; i < tokens.Length; i++)
        {
            bytes.Write(_model.Tokenizer.Bytes(tokens[i]));
            ends[i] = bytes.WrittenCount;
        }
        return bytes.WrittenSpan.ToArray();
    }

    private static string HashOf(LoadedModel model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (FileStream file = File.OpenRead(Path.Combine(model.Checkpoint.Directory, "tokenizer.json")))
        {
            byte[] buffer = new byte[1 << 16];
            for (int read; (read = file.Read(buffer)) > 0;) hash.AppendData(buffer, 0, read);
        }

        ChatTemplate template = model.ChatTemplate;
        foreach (string text in (string[])[template.Opening, template.AssistantPrefix, template.AssistantSuffix, template.Render(new ChatMessage("user", "?"))])
        {
            hash.AppendData(Encoding.UTF8.GetBytes(text));
            hash.AppendData([0]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
