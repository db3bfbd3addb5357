using System.Runtime.InteropServices;

namespace Actors.KvCache;

/// <summary>
/// The pages of one sequence. Of the tokens, [0, SealedPages x 64) lie in sealed pages, immutable and perhaps shared with other tables;
/// [SealedPages x 64, TokenCount) in the tail page, ours alone; [TokenCount, ReservedTokens) are room that <see cref="Write"/> may fill
/// before <see cref="Commit"/> makes it part of the sequence.
/// </summary>
/// <remarks>
/// One owner thread (the step loop) changes the table; between its calls any number of threads may read pages. <see cref="SaveAsync"/>
/// may run beside all of it.
/// </remarks>
public sealed class PageTable : IDisposable, IAsyncDisposable
{
    private readonly PagePool _pool;
    private readonly PageSaving? _saving;
    private readonly List<int> _tokens = [];
    private readonly int[] _writtenTokens;
    private readonly byte[] _row;
    private KvPage[] _pages = new KvPage[4];
    private int _pageCount;
    private PageId _digest;
    private bool _disposed;

    /// <summary>Creates an empty table.</summary>
    /// <param name="pool">Where the pages live.</param>
    /// <param name="context">Model, policy and tenant; decides which pages are equal to which.</param>
    /// <param name="store">Where sealed pages are stored, or null: then the sequence lives in memory only.</param>
    public PageTable(PagePool pool, PageContext context, IPageStore? store = null)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(context);
        _pool = pool;
        Context = context;
        _digest = context.Digest(pool.Layout);
        _writtenTokens = new int[pool.Layout.Layers];
        _row = new byte[pool.Layout.RowElements * pool.Layout.ElementBytes];
        _saving = store is null ? null : new PageSaving(pool, this, store);
        pool.Register(this);
    }

    /// <summary>Layout of every page.</summary>
    public KvLayout Layout => _pool.Layout;

    /// <summary>Model, policy and tenant of the tokens that come next.</summary>
    public PageContext Context { get; private set; }

    /// <summary>Committed tokens.</summary>
    public int TokenCount => _tokens.Count;

    /// <summary>The committed token ids, valid until the table changes.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Tokens for which there are pages: committed ones and room.</summary>
    public int ReservedTokens => _pageCount * KvLayout.PageTokens;

    /// <summary>Pages of the table, those with room only included.</summary>
    public int PageCount => _pageCount;

    /// <summary>Full pages, from the start.</summary>
    public int SealedPages => TokenCount / KvLayout.PageTokens;

    /// <summary>Sealed pages that are durable in the store, from the start.</summary>
    public int StoredPages => _saving?.StoredPages ?? 0;

    /// <summary>Pages of this table that lie in memory slots, shared ones counted fully.</summary>
    public int ResidentPages
    {
        get
        {
            lock (_pool.Gate)
            {
                int resident = 0;
                foreach (KvPage page in Pages_NeedsLock)
                {
                    if (page.IsResident) resident++;
                }

                return resident;
            }
        }
    }

    internal ReadOnlySpan<KvPage> PageSpan => _pages.AsSpan(0, _pageCount);

    internal IEnumerable<KvPage> Pages_NeedsLock => _pages.Take(_pageCount);

    internal int SealedPages_NeedsLock { get; private set; }

    /// <summary>Makes sure that the next tokens have pages. May evict stored or cached pages of any table of the pool.</summary>
    /// <param name="tokens">Tokens about to be written beyond <see cref="TokenCount"/>.</param>
    /// <returns>True when there is room; false when there is none now (see <see cref="PagePool.RoomChanged"/>).</returns>
    /// <exception cref="KvBudgetExceededException">The sequence has no store and can never fit the budget.</exception>
    /// <exception cref="PageStoreException">There is no room because pages cannot be stored. The next call tries to store them again.</exception>
    public bool TryReserve(int tokens)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        _pool.Tick();
        _pool.CloseIdleMappings();
        int total = checked(TokenCount + tokens);
        int needed = KvLayout.PagesFor(total) - _pageCount;
        if (needed <= 0) return true;

        int unstorable = _saving is null ? KvLayout.PagesFor(total) : needed + 1;
        if (unstorable > _pool.LimitPages)
            throw new KvBudgetExceededException(total, unstorable, _pool.LimitPages, _pool.BudgetBytes);

        var pages = new KvPage?[needed];
        lock (_pool.Gate)
        {
            if (_pool.TryAllocate_NeedsLock(pages))
            {
                foreach (KvPage? page in pages) AddPage(page!);
                _tokens.EnsureCapacity(ReservedTokens);
                return true;
            }

            foreach (PageTable table in _pool.Tables_NeedsLock) table._saving?.Request(pressed: true);
        }

        _saving?.ThrowFault();
        return false;
    }

    /// <summary>
    /// Stores keys and values of one layer for tokens beyond <see cref="TokenCount"/>; nothing is committed. Keeps the bounds of the
    /// touched groups equal to the min and max of the stored keys. Allocates nothing.
    /// </summary>
    /// <param name="layer">Layer, from 0.</param>
    /// <param name="firstToken">Position of the first row, from <see cref="TokenCount"/> on.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="keys">Keys before rotation, [rows, kvHeads, headDim].</param>
    /// <param name="values">Values, [rows, kvHeads, headDim].</param>
    /// <exception cref="ArgumentException">A range or a length does not fit.</exception>
    /// <exception cref="NonFiniteKvException">An element cannot be held by the format. Its row is not stored.</exception>
    public void Write(int layer, int firstToken, int rows, ReadOnlySpan<float> keys, ReadOnlySpan<float> values)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if ((uint)layer >= (uint)Layout.Layers) throw new ArgumentOutOfRangeException(nameof(layer), layer, $"The model has {Layout.Layers} layers.");
        if (firstToken < TokenCount || firstToken > _writtenTokens[layer])
        {
            throw new ArgumentOutOfRangeException(nameof(firstToken), firstToken,
                $"Writing starts between the committed tokens ({TokenCount}) and those written in this layer ({_writtenTokens[layer]}).");
        }

        if (rows < 0 || firstToken + rows > ReservedTokens)
            throw new ArgumentOutOfRangeException(nameof(rows), rows, $"Only {ReservedTokens} tokens are reserved.");
        int width = Layout.RowElements;
        if (keys.Length != rows * width) throw new ArgumentException($"Expected {rows * width} elements, got {keys.Length}.", nameof(keys));
        if (values.Length != rows * width) throw new ArgumentException($"Expected {rows * width} elements, got {values.Length}.", nameof(values));

        var rowWriter = new PageRowWriter(Layout, layer, _row);
        if (firstToken < _writtenTokens[layer] && rows > 0)
            rowWriter.RestoreBounds(PageForWriting(firstToken), firstToken % KvLayout.PageTokens);
        _writtenTokens[layer] = firstToken;
        for (int r = 0; r < rows; r++)
        {
            rowWriter.Write(PageForWriting(firstToken + r), firstToken + r, keys.Slice(r * width, width), values.Slice(r * width, width));
            _writtenTokens[layer]++;
        }
    }

    /// <summary>Makes written tokens part of the sequence. Pages that become full are sealed and may be replaced by equal ones.</summary>
    /// <param name="tokens">Token ids, as many as were written in every layer.</param>
    /// <exception cref="InvalidOperationException">A layer was not written for all of them.</exception>
    public void Commit(ReadOnlySpan<int> tokens)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        for (int layer = 0; layer < _writtenTokens.Length; layer++)
        {
            if (_writtenTokens[layer] < TokenCount + tokens.Length)
            {
                throw new InvalidOperationException(
                    $"Layer {layer} was written up to token {_writtenTokens[layer]}; committing needs {TokenCount + tokens.Length}.");
            }
        }

        _tokens.AddRange(tokens);
        if (SealedPages == SealedPages_NeedsLock) return;
        lock (_pool.Gate)
        {
            while (SealedPages_NeedsLock < SealedPages) SealNext_NeedsLock();
            _saving?.Request(pressed: false);
        }
    }

    /// <summary>
    /// Drops the tokens from a position on, and all room. A sealed page that is cut is copied; when there is no slot for the copy,
    /// or its file cannot be read, the table is cut at the page's start instead, and the caller computes the rest again.
    /// </summary>
    /// <param name="tokens">Tokens to keep, at most <see cref="TokenCount"/>.</param>
    /// <returns>Tokens kept: <paramref name="tokens"/>, or the start of its page.</returns>
    public int Truncate(int tokens)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (tokens < 0 || tokens > TokenCount)
            throw new ArgumentOutOfRangeException(nameof(tokens), tokens, $"The sequence has {TokenCount} tokens.");

        lock (_pool.Gate)
        {
            int fullPages = tokens / KvLayout.PageTokens;
            int tail = tokens % KvLayout.PageTokens;
            if (tail > 0 && fullPages < SealedPages_NeedsLock && !TryCopyTail_NeedsLock(fullPages)) tail = 0;
            int kept = fullPages + (tail > 0 ? 1 : 0);
            while (_pageCount > kept) _pool.Release_NeedsLock(_pages[--_pageCount]);
            SealedPages_NeedsLock = fullPages;
            _saving?.Truncate_NeedsLock(fullPages);
            tokens = (fullPages * KvLayout.PageTokens) + tail;
            CollectionsMarshal.SetCount(_tokens, tokens);
            Array.Fill(_writtenTokens, tokens);
            if (tail > 0) PageRowWriter.Clear(Layout, _pages[fullPages].Write(Layout.PageBytes), tail);
            _pool.SignalRoom_NeedsLock();
        }

        return tokens;
    }

    /// <summary>The bytes of a page, from memory or from its mapped file. Valid until the owner thread changes a table of the pool.</summary>
    /// <param name="pageIndex">Page, 0 to <see cref="PageCount"/> - 1.</param>
    /// <returns>The page, laid out as <see cref="KvLayout"/> says; tokens never written are zero.</returns>
    /// <exception cref="PageCorruptException">The page lies in a file and its checksum differs.</exception>
    public ReadOnlySpan<byte> Page(int pageIndex)
    {
        if ((uint)pageIndex >= (uint)_pageCount)
            throw new ArgumentOutOfRangeException(nameof(pageIndex), pageIndex, $"The table has {_pageCount} pages.");
        KvPage page = _pages[pageIndex];
        if (page.LastUse != _pool.Clock) page.LastUse = _pool.Clock;
        return page.Read(Layout.PageBytes);
    }

    /// <summary>The bounds of one (layer, KV head) of a page, valid as <see cref="Page"/> is.</summary>
    /// <param name="pageIndex">Page, from 0.</param>
    /// <param name="layer">Layer, from 0.</param>
    /// <param name="head">KV head, from 0.</param>
    /// <returns>[4 groups, 2 = min and max, headDim] elements in the layout's format.</returns>
    public ReadOnlySpan<byte> Bounds(int pageIndex, int layer, int head) => Page(pageIndex).Slice(
        Layout.BoundsOffset(layer, head, 0), 2 * KvLayout.GroupsPerPage * Layout.HeadDim * Layout.ElementBytes);

    /// <summary>
    /// The keys of one group: in place when the page is in memory, else copied from the page file, through a cache and without mapping
    /// it. Valid as <see cref="Page"/> is, and until the scratch is used again.
    /// </summary>
    /// <param name="pageIndex">Page, from 0.</param>
    /// <param name="layer">Layer, from 0.</param>
    /// <param name="head">KV head, from 0.</param>
    /// <param name="group">Group in the page, 0 to 3.</param>
    /// <param name="scratch">At least [headDim, 16 tokens] elements.</param>
    /// <returns>[headDim, 16 tokens] elements in the layout's format.</returns>
    /// <exception cref="PageCorruptException">The page lies in a file that is damaged or cannot be read any more.</exception>
    public ReadOnlySpan<byte> Keys(int pageIndex, int layer, int head, int group, Span<byte> scratch)
        => Group(pageIndex, Layout.KeysOffset(layer, head, group), scratch);

    /// <summary>The values of one group, as <see cref="Keys"/>.</summary>
    /// <param name="pageIndex">Page, from 0.</param>
    /// <param name="layer">Layer, from 0.</param>
    /// <param name="head">KV head, from 0.</param>
    /// <param name="group">Group in the page, 0 to 3.</param>
    /// <param name="scratch">At least [16 tokens, headDim] elements.</param>
    /// <returns>[16 tokens, headDim] elements in the layout's format.</returns>
    /// <exception cref="PageCorruptException">The page lies in a file that is damaged or cannot be read any more.</exception>
    public ReadOnlySpan<byte> Values(int pageIndex, int layer, int head, int group, Span<byte> scratch)
        => Group(pageIndex, Layout.ValuesOffset(layer, head) + (group * GroupBytes), scratch);

    /// <summary>The id of a sealed page, which stands for its tokens, all before them, and what computed them.</summary>
    /// <param name="pageIndex">Page, 0 to <see cref="SealedPages"/> - 1.</param>
    /// <returns>The id.</returns>
    public PageId SealedId(int pageIndex)
    {
        if ((uint)pageIndex >= (uint)SealedPages)
            throw new ArgumentOutOfRangeException(nameof(pageIndex), pageIndex, $"The table has {SealedPages} sealed pages.");
        lock (_pool.Gate) return _pages[pageIndex].Id;
    }

    /// <summary>Whether a page lies in memory, so that its groups are read in place.</summary>
    /// <param name="pageIndex">Page, from 0.</param>
    /// <returns>True when it does.</returns>
    public bool IsResident(int pageIndex) => _pages[pageIndex].IsResident;

    /// <summary>Takes over sealed pages that the pool already has for these tokens. The table must end at a page boundary.</summary>
    /// <param name="tokens">Tokens that follow <see cref="TokenCount"/>.</param>
    /// <returns>Tokens reused: committed now, a multiple of 64, possibly all of them.</returns>
    /// <exception cref="InvalidOperationException">The table has a tail or reserved room.</exception>
    public int ReusePrefix(ReadOnlySpan<int> tokens)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (TokenCount != ReservedTokens)
            throw new InvalidOperationException($"A prefix is reused at a page boundary without room; the table has {TokenCount} tokens.");

        int reused = 0;
        lock (_pool.Gate)
        {
            while (reused + KvLayout.PageTokens <= tokens.Length)
            {
                ReadOnlySpan<int> next = tokens.Slice(reused, KvLayout.PageTokens);
                if (_pool.Share_NeedsLock(PageId.Next(LastId_NeedsLock, _digest, next)) is not { } page) break;
                AddSealed_NeedsLock(page, next);
                reused += KvLayout.PageTokens;
            }

            if (reused > 0) _saving?.Request(pressed: false);
        }

        return reused;
    }

    /// <summary>Goes on under another policy: from here on the pages are this sequence's own until it is computed anew.</summary>
    /// <param name="context">The new context.</param>
    public void ChangeContext(PageContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context == Context) return;
        Context = context;
        PageId digest = context.Digest(Layout);
        _digest = TokenCount == 0 ? digest : PageContext.Changed(_digest, digest, TokenCount);
    }

    /// <summary>Stores all sealed pages that are not stored yet. May run beside steps; tokens committed meanwhile may be left out.</summary>
    /// <param name="cancellationToken">Gives up; what was stored stays stored.</param>
    /// <returns>What is durable now.</returns>
    /// <exception cref="PageStoreException">Writing failed; the pages stay in memory and the next call tries again.</exception>
    /// <exception cref="InvalidOperationException">The table has no store.</exception>
    public ValueTask<SavedPages> SaveAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _saving?.SaveAsync(cancellationToken) ?? throw new InvalidOperationException("The sequence has no page store.");
    }

    /// <summary>
    /// Opens a sequence from its page files. Pages are taken as long as their id follows from the tokens and the pages before, so a page of
    /// another model or another history is a miss; the table ends before the first page that is missing or damaged, and the caller
    /// computes the tokens from <see cref="TokenCount"/> on.
    /// </summary>
    /// <param name="pool">Where the pages live.</param>
    /// <param name="context">Model, policy and tenant of the tokens that come next.</param>
    /// <param name="store">The sequence's page store.</param>
    /// <param name="tokens">All tokens of the sequence.</param>
    /// <param name="verification">When checksums are compared.</param>
    /// <param name="problems">What was wrong with files that were not used, or used in part.</param>
    /// <returns>The table; the caller disposes it.</returns>
    public static PageTable Restore(
        PagePool pool, PageContext context, IPageStore store, ReadOnlySpan<int> tokens, PageVerification verification,
        out IReadOnlyList<IOException> problems)
    {
        var table = new PageTable(pool, context, store);
        try
        {
            problems = PageRestoring.Restore(pool, table, table._saving!, tokens, verification);
            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>Gives up the pages. Sealed ones stay in the pool for reuse until their memory is needed.</summary>
    public void Dispose()
    {
        lock (_pool.Gate)
        {
            if (_disposed) return;
            _disposed = true;
            while (_pageCount > 0) _pool.Release_NeedsLock(_pages[--_pageCount]);
            SealedPages_NeedsLock = 0;
            _saving?.Dispose_NeedsLock();
            _pool.Unregister_NeedsLock(this);
            _pool.SignalRoom_NeedsLock();
        }
    }

    /// <summary>As <see cref="Dispose"/>, and waits until no write to the store is under way: then its files may be deleted.</summary>
    /// <returns>A task that ends with the last write.</returns>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (_saving is not null) await _saving.FinishAsync();
    }

    internal PageId LastId_NeedsLock => SealedPages_NeedsLock == 0 ? PageId.None : _pages[SealedPages_NeedsLock - 1].Id;

    /// <summary>Appends a sealed page with its tokens; the caller's reference becomes the table's.</summary>
    internal void AddSealed_NeedsLock(KvPage page, ReadOnlySpan<int> tokens)
    {
        AddPage(page);
        SealedPages_NeedsLock++;
        _tokens.AddRange(tokens);
        Array.Fill(_writtenTokens, TokenCount);
    }

    /// <summary>After a restore: pages to come continue the context of the last one.</summary>
    internal void ContinueContext(PageId lastContext)
    {
        if (lastContext != _digest) _digest = PageContext.Changed(lastContext, _digest, TokenCount);
    }

    private int GroupBytes => KvLayout.GroupTokens * Layout.HeadDim * Layout.ElementBytes;

    private ReadOnlySpan<byte> Group(int pageIndex, int offset, Span<byte> scratch)
    {
        if ((uint)pageIndex >= (uint)_pageCount)
            throw new ArgumentOutOfRangeException(nameof(pageIndex), pageIndex, $"The table has {_pageCount} pages.");
        KvPage page = _pages[pageIndex];
        if (page.IsResident) return Page(pageIndex).Slice(offset, GroupBytes);
        Span<byte> block = scratch[..GroupBytes];
        page.ReadStored(offset, block);
        return block;
    }

    private Span<byte> PageForWriting(int token) => _pages[token / KvLayout.PageTokens].Write(Layout.PageBytes);

    private void SealNext_NeedsLock()
    {
        int index = SealedPages_NeedsLock;
        PageId id = PageId.Next(LastId_NeedsLock, _digest, Tokens.Slice(index * KvLayout.PageTokens, KvLayout.PageTokens));
        _pages[index] = _pool.Seal_NeedsLock(_pages[index], id, _digest);
        SealedPages_NeedsLock++;
    }

    private bool TryCopyTail_NeedsLock(int index)
    {
        KvPage source = _pages[index];
        var copy = new KvPage?[1];
        source.Pins++;
        bool allocated = _pool.TryAllocate_NeedsLock(copy);
        source.Pins--;
        if (!allocated) return false;
        try
        {
            source.Read(Layout.PageBytes).CopyTo(copy[0]!.Write(Layout.PageBytes));
        }
        catch (PageCorruptException)
        {
            _pool.Release_NeedsLock(copy[0]!);
            return false;
        }

        _pool.Release_NeedsLock(source);
        _pages[index] = copy[0]!;
        return true;
    }

    private void AddPage(KvPage page)
    {
        if (_pageCount == _pages.Length) Array.Resize(ref _pages, 2 * _pages.Length);
        _pages[_pageCount++] = page;
    }
}
