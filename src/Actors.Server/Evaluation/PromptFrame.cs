using Actors.Engine;
using Actors.Models;

namespace Actors.Server.Evaluation;

/// <summary>Writes contexts and questions as the tokens that a session would hold.</summary>
internal sealed class PromptFrame(LoadedModel model)
{
    public int CountTokens(string text) => model.Tokenizer.Encode(text, parseSpecialTokens: false).Length;

    /// <summary>The context as it is remembered: a message of the user with its question, or bare text.</summary>
    public int[] Context(EvaluationSample sample) => sample.IsMessage
        ? model.ChatTemplate.EncodeMessage(model.Tokenizer, new ChatMessage("user", sample.Context))
        : model.Tokenizer.Encode(sample.Context, parseSpecialTokens: false);

    /// <summary>What follows the context: a message with the question unless the context held it, and the opening of the answer.</summary>
    public int[] Question(EvaluationSample sample, EvaluationQuestion question)
    {
        List<int> tokens = [];
        if (!sample.IsMessage) tokens.AddRange(model.ChatTemplate.EncodeMessage(model.Tokenizer, new ChatMessage("user", question.Text)));
        tokens.AddRange(model.ChatTemplate.EncodeAssistantPrefix(model.Tokenizer));
        if (question.AnswerPrefix.Length > 0) tokens.AddRange(model.Tokenizer.Encode(question.AnswerPrefix, parseSpecialTokens: false));
        return [.. tokens];
    }
}
