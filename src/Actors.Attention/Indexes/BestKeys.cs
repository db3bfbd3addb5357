namespace Actors.Attention;

/// <summary>The best keys seen so far, at most a fixed number: a binary heap with the worst on top. Of equal scores the earlier id is better.</summary>
internal sealed class BestKeys
{
    private int[] _ids = [];
    private float[] _scores = [];
    private int _limit;

    public int Count { get; private set; }

    /// <summary>A score below this cannot enter; negative infinity while there is room.</summary>
    public float Floor { get; private set; }

    public void Reset(int limit)
    {
        if (_ids.Length < limit)
            (_ids, _scores) = (new int[limit], new float[limit]);
        _limit = limit;
        Count = 0;
        Floor = limit == 0 ? float.PositiveInfinity : float.NegativeInfinity;
    }

    public void Offer(int id, float score)
    {
        if (Count < _limit)
        {
            int at = Count++;
            for (; at > 0 && Worse(score, id, _scores[(at - 1) / 2], _ids[(at - 1) / 2]); at = (at - 1) / 2)
                (_ids[at], _scores[at]) = (_ids[(at - 1) / 2], _scores[(at - 1) / 2]);
            (_ids[at], _scores[at]) = (id, score);
        }
        else if (_limit > 0 && Worse(_scores[0], _ids[0], score, id))
        {
            Sink(id, score, Count);
        }
        if (Count == _limit && _limit > 0)
            Floor = _scores[0];
    }

    /// <summary>Empties the heap into the spans, best first.</summary>
    public int Take(Span<int> ids, Span<float> scores)
    {
        int taken = Count;
        while (Count > 0)
        {
            int last = --Count;
            (ids[last], scores[last]) = (_ids[0], _scores[0]);
            if (last > 0)
                Sink(_ids[last], _scores[last], last);
        }
        return taken;
    }

    private static bool Worse(float score, int id, float otherScore, int otherId) => score < otherScore || (score == otherScore && id > otherId);

    // Puts an entry in the place of the top.
    private void Sink(int id, float score, int count)
    {
        int at = 0;
        for (int child = 1; child < count; child = (2 * at) + 1)
        {
            if (child + 1 < count && Worse(_scores[child + 1], _ids[child + 1], _scores[child], _ids[child]))
                child++;
            if (!Worse(_scores[child], _ids[child], score, id))
                break;
            (_ids[at], _scores[at]) = (_ids[child], _scores[child]);
            at = child;
        }
        (_ids[at], _scores[at]) = (id, score);
    }
}
