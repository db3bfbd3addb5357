using System.Diagnostics;

namespace Actors.Benchmarks.Compute;

/// <summary>Times contenders in turns, so that whatever else the machine does meets all of them.</summary>
public static class Race
{
    /// <summary>The best time of each contender in seconds. A disturbance only ever adds time, so the best is the least disturbed one.</summary>
    public static double[] Run(TimeSpan atLeast, params ReadOnlySpan<Action> contenders)
    {
        double[] best = new double[contenders.Length];
        Array.Fill(best, double.MaxValue);
        foreach (Action contender in contenders)
        {
            Warm(contender);
        }

        long started = Stopwatch.GetTimestamp();
        for (int round = 0; round < 7 || Stopwatch.GetElapsedTime(started) < atLeast; round++)
        {
            for (int i = 0; i < contenders.Length; i++)
            {
                contenders[i](); // Brings its data into the caches it lives in, after the other contender was there.
                for (int repeat = 0; repeat < 3; repeat++)
                {
                    long begun = Stopwatch.GetTimestamp();
                    contenders[i]();
                    best[i] = Math.Min(best[i], Stopwatch.GetElapsedTime(begun).TotalSeconds);
                }
            }
        }

        return best;
    }

    // Enough calls, over enough time, for the second tier of the compiler.
    private static void Warm(Action contender)
    {
        long started = Stopwatch.GetTimestamp();
        for (int call = 0; call < 3 || (call < 100 && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(0.7)); call++)
        {
            contender();
        }
    }
}
