namespace Actors.Server.Evaluation;

/// <summary>A kind of memory test. Implementations are immutable and deterministic: equal random numbers give equal samples.</summary>
internal interface IEvaluationTask
{
    string Name { get; }

    /// <summary>Makes a sample.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="tokens">About how long the prompt shall be, in tokens.</param>
    /// <param name="countTokens">Length of a text in tokens of the model.</param>
    /// <exception cref="EvaluationException">The length cannot be reached.</exception>
    EvaluationSample Create(SeededRandom random, int tokens, Func<string, int> countTokens);
}
