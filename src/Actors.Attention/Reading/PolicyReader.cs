namespace Actors.Attention;

/// <summary>
/// A policy at work in one sequence: it holds what the policy keeps about it (indexes, memories, chosen tokens) and reads for query blocks.
/// Per layer of a step the owner thread calls <see cref="Prepare"/>, then any threads <see cref="Read"/> different (head, block) pairs at the same time;
/// after the last layer the owner thread calls <see cref="OnCommitted"/>.
/// </summary>
/// <remarks>
/// What a row reads must depend on positions and on the tokens before it alone: not on threads, not on other sequences, and for chunks of up to one query
/// block not on the chunk either. State that reading changes must therefore be kept by position.
/// </remarks>
internal abstract class PolicyReader : IDisposable
{
    /// <summary>Bytes of indexes and memories, resident while this object lives.</summary>
    public virtual long Bytes => 0;

    /// <summary>True when rows of a chunk of up to one query block are read one by one, so that each chooses exactly for itself.</summary>
    public virtual bool RowByRow => true;

    /// <summary>Parts into which the keys of a single block are cut, so that decoding uses all threads; 1 for no cut.</summary>
    /// <param name="first">Position of the first row.</param>
    /// <param name="last">Position of the last row.</param>
    public virtual int Ranges(int first, int last) => 1;

    /// <summary>Owner thread, before the tasks of a layer: keys and values of the chunk are written.</summary>
    /// <param name="layer">Layer.</param>
    /// <param name="firstToken">Position of the first row: the committed tokens.</param>
    /// <param name="rows">Rows of the chunk.</param>
    /// <param name="queries">[rows, queryHeads, headDim] before RoPE and without scale.</param>
    public virtual void Prepare(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
    }

    /// <summary>Reads everything that a block sees into its result. Any thread.</summary>
    /// <param name="block">Rows of equal view: all dense or none.</param>
    /// <param name="view">The view of its first row.</param>
    public abstract void Read(in QueryBlock block, AttentionView view);

    /// <summary>Reads one of several ranges of keys into the block's result.</summary>
    /// <param name="block">The block.</param>
    /// <param name="range">0 to <see cref="Ranges"/> less one.</param>
    public virtual void ReadRange(in QueryBlock block, int range) => throw new NotSupportedException("This reader does not cut its keys.");

    /// <summary>
    /// Owner thread: brings indexes and memories to the committed tokens, after a commit, a truncation (then there are fewer than before, and they must become as
    /// if the others had never been), or a restore.
    /// </summary>
    public virtual void OnCommitted()
    {
    }

    /// <summary>End of the tokens whose memory <see cref="Save"/> would write.</summary>
    /// <value>0 when there is nothing that would not be had as quickly from the pages.</value>
    public virtual int SavedTokens => 0;

    /// <summary>Writes what is kept. Between steps, any thread.</summary>
    /// <param name="stream">Where to.</param>
    /// <exception cref="ObjectDisposedException">Everything was forgotten.</exception>
    public virtual void Save(Stream stream)
    {
    }

    /// <summary>Takes over what <see cref="Save"/> wrote under this policy for the same tokens, before anything was read. What cannot be used leaves the reader empty.</summary>
    /// <param name="stream">Where from.</param>
    /// <returns>Whether it was taken; then the stream stands after it.</returns>
    public virtual bool TryLoad(Stream stream) => false;

    /// <summary>Forgets everything. The pages stay open; they are the caller's.</summary>
    public virtual void Dispose()
    {
    }
}
