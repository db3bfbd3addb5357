namespace Actors.KvCache;

/// <summary>
/// All KV memory of one engine: native page slots within a byte budget, shared by the page tables of its sequences, and the account of
/// what mapped page files keep resident. Sealed pages are counted by reference and found again by id.
/// </summary>
/// <remarks>
/// Slots and single groups read from files take at most three quarters of the budget; mapped page files may keep the rest resident. One read of a mapped file makes up to
/// 4 MiB and its page resident at once, so a budget that is to hold strictly has at least 32 MiB and 16 pages. Thread-safe, with one rule: calls
/// that may take a page's memory away (<see cref="PageTable.TryReserve"/>, <see cref="PageTable.Truncate"/>, <see cref="Dispose"/>)
/// run on one thread, and not while another thread reads page spans.
/// </remarks>
public sealed class PagePool : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SlotMemory _slots;
    private readonly Dictionary<PageId, KvPage> _sealed = [];
    private readonly HashSet<PageTable> _tables = [];
    private readonly List<MappedFile> _unused = [];
    private readonly MappingAccount _mappings;
    private TaskCompletionSource _roomChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _clock = 1;
    private int _pinnedPages;
    private bool _anyUnused;
    private bool _disposed;

    /// <summary>Creates a pool without allocating page memory yet.</summary>
    /// <param name="layout">Layout of every page.</param>
    /// <param name="budgetBytes">Most bytes that pages keep resident, slots and mapped files together; at least eight pages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The budget is below eight pages.</exception>
    public PagePool(KvLayout layout, long budgetBytes)
    {
        ArgumentNullException.ThrowIfNull(layout);
        long slotBytes = SlotMemory.SlotBytesFor(layout.PageBytes);
        if (budgetBytes < 8 * slotBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(budgetBytes), budgetBytes,
                $"The KV budget must hold at least eight pages of {slotBytes} bytes ({8 * slotBytes} bytes).");
        }

        Layout = layout;
        BudgetBytes = budgetBytes;
        Groups = new GroupCache(KvLayout.GroupTokens * layout.HeadDim * layout.ElementBytes, budgetBytes / 8);
        _slots = new SlotMemory(layout.PageBytes, (budgetBytes / 4 * 3) - Groups.LimitBytes);
        FilePages = FilePagesFor(budgetBytes, layout.PageBytes);
        BatchPages = Math.Clamp(LimitPages / 8, 1, FilePages);
        _mappings = new MappingAccount(() => (BudgetBytes - SlotBytes - GroupBytes) / 4 * 3);
        Saver = new PageSaver();
    }

    /// <summary>Layout of every page.</summary>
    public KvLayout Layout { get; }

    /// <summary>Most bytes that pages keep resident.</summary>
    public long BudgetBytes { get; }

    /// <summary>Most pages that can lie in slots at once.</summary>
    public int LimitPages => _slots.Limit;

    /// <summary>Bytes of slots allocated so far, used or free.</summary>
    public long SlotBytes => _slots.Bytes;

    /// <summary>Upper bound of the bytes that mapped page files keep resident.</summary>
    public long MappedBytes => _mappings.Bytes;

    /// <summary>Upper bound of the bytes that pages keep resident now; not above <see cref="BudgetBytes"/>.</summary>
    public long ResidentBytes => SlotBytes + GroupBytes + MappedBytes;

    /// <summary>Bytes allocated for single groups read from page files.</summary>
    public long GroupBytes => Groups.Bytes;

    /// <summary>Reads of single groups of stored pages so far that found them in memory.</summary>
    public long GroupHits => Groups.Hits;

    /// <summary>Reads of single groups of stored pages so far that went to the page file.</summary>
    public long GroupMisses => Groups.Misses;

    /// <summary>
    /// A task that ends when room may have appeared. Take it before <see cref="PageTable.TryReserve"/>; await it when that says no.
    /// </summary>
    public Task RoomChanged
    {
        get
        {
            lock (_gate) return _roomChanged.Task;
        }
    }

    internal PageSaver Saver { get; }

    internal GroupCache Groups { get; }

    /// <summary>Pages that are worth a write of their own while a sequence grows.</summary>
    internal int BatchPages { get; }

    /// <summary>Most pages of one page file.</summary>
    internal int FilePages { get; }

    internal long Clock => _clock;

    internal Lock Gate => _gate;

    /// <summary>Counts the pages in slots.</summary>
    /// <returns>Free, used (held by tables) and cached (sealed, held by none) slots.</returns>
    public PoolUsage CountPages()
    {
        lock (_gate)
        {
            int used = 0, cached = 0;
            foreach (PageSlot slot in _slots.All)
            {
                if (slot.Page is not { } page) continue;
                if (page.References > 0) used++;
                else cached++;
            }

            return new PoolUsage(_slots.All.Count - used - cached, used, cached, _slots.All.Count);
        }
    }

    /// <summary>
    /// Proves that the books are right: free + used + cached = total slots, every reference count equals the tables that hold the page,
    /// every cached page is findable by its id, and the budget holds. For tests and diagnosis; linear in all pages.
    /// </summary>
    /// <exception cref="InvalidOperationException">Something does not add up; the message says what.</exception>
    public void CheckIntegrity()
    {
        lock (_gate)
        {
            PoolIntegrity.Check(_slots.All, _slots.Free, _sealed, _tables);
            if (!_mappings.IsWithinLimit || SlotBytes + GroupBytes > BudgetBytes)
                throw new InvalidOperationException($"Resident {ResidentBytes} bytes pass the budget of {BudgetBytes} bytes.");
        }
    }

    /// <summary>Frees the page memory. Tables of this pool must have been disposed.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            FreeSlabs_NeedsLock();
            foreach (KvPage page in _sealed.Values) DetachFile_NeedsLock(page);
            _sealed.Clear();
            CloseUnused_NeedsLock();
            SignalRoom_NeedsLock();
        }
    }

    internal void Register(PageTable table)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _tables.Add(table);
        }
    }

    internal void Unregister_NeedsLock(PageTable table)
    {
        _tables.Remove(table);
        if (_tables.Count == 0 && _pinnedPages == 0) CloseUnused_NeedsLock();
    }

    internal IEnumerable<PageTable> Tables_NeedsLock => _tables;

    /// <summary>Starts a step: reads from here on count as newer than those before.</summary>
    internal void Tick() => _clock++;

    /// <summary>Takes slots for new pages, evicting stored or cached pages if it must. All or nothing.</summary>
    internal bool TryAllocate_NeedsLock(Span<KvPage?> pages)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _slots.Grow(pages.Length);
        _mappings.Shrink();
        int missing = pages.Length - _slots.Free.Count;
        if (missing > 0 && Evict_NeedsLock(missing) < missing) return false;

        foreach (ref KvPage? page in pages)
        {
            PageSlot slot = _slots.Take();
            page = new KvPage { References = 1, Lease = new PageLease(slot), LastUse = _clock };
            slot.Page = page;
        }

        return true;
    }

    /// <summary>Makes a full page immutable. Returns the page to hold: an equal one, if there is one already.</summary>
    internal KvPage Seal_NeedsLock(KvPage page, PageId id, PageId context)
    {
        page.Id = id;
        page.Context = context;
        page.IsSealed = true;
        if (_sealed.TryGetValue(id, out KvPage? equal))
        {
            equal.References++;
            equal.LastUse = _clock;
            page.IsSealed = false;
            if (!equal.IsResident && equal.Pins == 0) Move_NeedsLock(page, equal);
            else Release_NeedsLock(page);
            return equal;
        }

        _sealed.Add(id, page);
        return page;
    }

    internal KvPage? Share_NeedsLock(PageId id)
    {
        if (!_sealed.TryGetValue(id, out KvPage? page) || (!page.IsResident && page.Place is { IsLost: true })) return null;
        page.References++;
        page.LastUse = _clock;
        return page;
    }

    /// <summary>A page that lies in a page file only.</summary>
    internal KvPage AddStored_NeedsLock(PageId id, PageId context, MappedFile file, int index)
    {
        if (_sealed.TryGetValue(id, out KvPage? lost))
        {
            lost.References++;
            AttachFile_NeedsLock(lost, file, index);
            return lost;
        }

        var page = new KvPage { Id = id, Context = context, IsSealed = true, References = 1, LastUse = _clock };
        AttachFile_NeedsLock(page, file, index);
        _sealed.Add(id, page);
        return page;
    }

    internal void AttachFile_NeedsLock(KvPage page, MappedFile file, int index)
    {
        file.References++;
        StoredPlace? replaced = page.Place;
        Volatile.Write(ref page.Place, new StoredPlace(file, index));
        if (replaced is not null) ReleaseFile_NeedsLock(replaced.File);
    }

    /// <summary>Gives up one reference. A sealed page in a slot stays findable; any other is gone.</summary>
    internal void Release_NeedsLock(KvPage page)
    {
        if (--page.References > 0) return;
        if (page.IsSealed && page.IsResident && !_disposed) return;
        Drop_NeedsLock(page);
    }

    /// <summary>Keeps pages in memory while a writer reads them.</summary>
    internal void Pin_NeedsLock(ReadOnlySpan<KvPage> pages)
    {
        _pinnedPages += pages.Length;
        foreach (KvPage page in pages) page.Pins++;
    }

    /// <summary>Ends <see cref="Pin_NeedsLock"/>.</summary>
    internal void Unpin_NeedsLock(ReadOnlySpan<KvPage> pages)
    {
        _pinnedPages -= pages.Length;
        foreach (KvPage page in pages) page.Pins--;
        if (!_disposed) return;
        FreeSlabs_NeedsLock();
        CloseUnused_NeedsLock();
    }

    internal void SignalRoom_NeedsLock()
    {
        _roomChanged.TrySetResult();
        _roomChanged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal void CountHandle(MappedFile file) => _mappings.AddHandle(file);

    internal void ChargeMapping(MappedFile file, int index) => _mappings.Charge(file, index);

    /// <summary>Closes files that no page uses any more, and mappings beyond the limit. Only while no span is read.</summary>
    internal void CloseIdleMappings()
    {
        if (!Volatile.Read(ref _anyUnused) && !_mappings.AreTooMany) return;
        lock (_gate)
        {
            // A writer reads the pages of its batch, in memory or mapped.
            if (_pinnedPages > 0) return;
            CloseUnused_NeedsLock();
            _mappings.CloseIdle();
        }
    }

    internal void ReleaseFile_NeedsLock(MappedFile file)
    {
        if (--file.References > 0) return;

        // A step may still be reading it: the background saver lets go of files too.
        _unused.Add(file);
        Volatile.Write(ref _anyUnused, true);
    }

    private void CloseUnused_NeedsLock()
    {
        foreach (MappedFile file in _unused)
        {
            _mappings.Remove(file);
            file.File.Dispose();
        }

        _unused.Clear();
        _anyUnused = false;
    }

    /// <summary>A mapped file may become resident as a whole up to an extent at a time: two must fit what the slots leave.</summary>
    private static int FilePagesFor(long budgetBytes, int pageBytes)
    {
        long room = (budgetBytes - (budgetBytes / 4 * 3)) / 4 * 3;
        if (room >= 4L * MappedFile.ExtentBytes) return KvLayout.PageTokens;
        int fitting = (int)Math.Clamp(((room / 2) - 8192) / pageBytes, 1, KvLayout.PageTokens);
        return 1 << int.Log2(fitting);
    }

    /// <summary>Frees the memory, unless a writer still reads it: then the end of the write does.</summary>
    private void FreeSlabs_NeedsLock()
    {
        if (_pinnedPages > 0) return;
        _slots.Dispose();
        Groups.Dispose();
    }

    /// <summary>Gives the slot of a page that was computed again to the equal page that lies in a file only, or in one that was lost.</summary>
    private void Move_NeedsLock(KvPage page, KvPage equal)
    {
        equal.Lease = page.Lease;
        equal.Lease.Slot.Page = equal;
        page.Lease = default;
        Release_NeedsLock(page);
        if (equal.Place is { IsLost: true }) DetachFile_NeedsLock(equal);
    }

    private void Drop_NeedsLock(KvPage page)
    {
        if (page.IsSealed) _sealed.Remove(page.Id);
        FreeSlot_NeedsLock(page);
        DetachFile_NeedsLock(page);
    }

    private void DetachFile_NeedsLock(KvPage page)
    {
        if (page.Place is not { } place) return;
        page.Place = null;
        ReleaseFile_NeedsLock(place.File);
    }

    private void FreeSlot_NeedsLock(KvPage page)
    {
        if (!page.IsResident || _disposed) return;
        PageSlot slot = page.Lease.Slot;
        page.Lease = default;
        _slots.Return(slot);
    }

    /// <summary>Frees the slots least likely to be read: pages of no sequence first, then by the step of their last use.</summary>
    private int Evict_NeedsLock(int wanted)
    {
        var candidates = new PriorityQueue<KvPage, (bool, long)>();
        foreach (PageSlot slot in _slots.All)
        {
            if (slot.Page is { IsEvictable: true } page) candidates.Enqueue(page, (page.References > 0, page.LastUse));
        }

        int target = Math.Max(wanted, LimitPages / 32);
        int evicted = 0;
        while (evicted < target && candidates.TryDequeue(out KvPage? page, out _))
        {
            if (page.References == 0) Drop_NeedsLock(page);
            else FreeSlot_NeedsLock(page);
            evicted++;
        }

        return evicted;
    }
}
