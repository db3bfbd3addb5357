namespace Actors.Server.Evaluation;

/// <summary>Fits a text to a length by the number of its parts.</summary>
internal static class LengthFit
{
    private const int MostTries = 40, TokensPerPart = 64;

    /// <summary>
    /// A number of parts with which the text is no longer than asked, and which is the greatest but for about one part. Guesses from the lengths seen so far
    /// and always narrows the range that is left, so it ends also where parts have no length.
    /// </summary>
    /// <param name="tokens">Most tokens.</param>
    /// <param name="most">Most parts, 0 or more.</param>
    /// <param name="tokensOf">Length of the text with that many parts; longer with more of them.</param>
    /// <param name="task">Name for the message.</param>
    /// <exception cref="EvaluationException">The text is too long without any part.</exception>
    public static int Largest(int tokens, int most, Func<int, int> tokensOf, string task)
    {
        int low = 0, lowTokens = tokensOf(0), high = most + 1;
        if (lowTokens > tokens)
            throw new EvaluationException($"--length is {tokens} tokens, but {task} without any filler has {lowTokens} with its answer. Use a greater length.");

        int guess = Math.Clamp((tokens - lowTokens) / TokensPerPart, 1, Math.Max(1, most));
        for (int tries = 0; tries < MostTries && high - low > 1; tries++)
        {
            int guessTokens = tokensOf(guess);
            double perPart = Math.Max(1e-3, (guessTokens - lowTokens) / (double)(guess - low));
            if (guessTokens <= tokens) (low, lowTokens) = (guess, guessTokens);
            else high = guess;

            double more = (tokens - lowTokens) / perPart;
            if (more < 1) break;
            guess = (int)Math.Clamp(low + more, low + 1, Math.Max(low + 1, high - 1));
        }
        return low;
    }
}
