using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>One incarnation of a grain: its instance, its messages and its scheduler.</summary>
internal sealed class Activation : IGrainContext, IMessageTarget
{
    private readonly Lock _gate = new();
    private readonly MessageQueue _messages;
    private readonly ActivationLifecycle _lifecycle = new();
    private readonly HashSet<GrainTimer> _timers = [];
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IActivationOwner _owner;
    private AsyncServiceScope? _scope;
    private GrainReference? _reference;
    private EnumeratorTable? _enumerators;
    private DeactivationReason _reason;
    private ActivationState _state;
    private long _lastUsed;
    private DateTimeOffset _keepAliveUntil;
    private bool _pumpPosted;
    private bool _pumping;
    private bool _ending;
    private bool _wasActivated;

    public Activation(SiloRuntime runtime, GrainId id, GrainClass grainClass, IActivationOwner owner)
    {
        Runtime = runtime;
        GrainId = id;
        Class = grainClass;
        _owner = owner;
        _messages = new MessageQueue(grainClass.IsReentrant);
        Scheduler = new ActivationScheduler(this);
        _lastUsed = runtime.Time.GetTimestamp();
    }

    public SiloRuntime Runtime { get; }

    public GrainClass Class { get; }

    public ActivationScheduler Scheduler { get; }

    public GrainId GrainId { get; }

    public ActivationId ActivationId { get; } = ActivationId.NewId();

    public GrainReference GrainReference => _reference ??= GrainReference.Create(Runtime, GrainId, typeof(IAddressable));

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices => _scope?.ServiceProvider ?? Runtime.Services;

    public IGrainLifecycle ObservableLifecycle => _lifecycle;

    public Task Deactivated => _deactivated.Task;

    /// <summary>Messages that run or wait, about: read without the lock, which the owner's lock must not wait for.</summary>
    public int Load => _messages.Running + _messages.Waiting;

    public static Activation Of(IGrainContext context) =>
        context as Activation ?? throw new NotSupportedException($"{context?.GetType()} is not a context that this silo made.");

    public bool Receive(Message message)
    {
        bool post, start;
        lock (_gate)
        {
            if (_state == ActivationState.Invalid)
                return false;
            if (message.IsLocalOnly && _state == ActivationState.Deactivating)
                return true;
            start = _state == ActivationState.Created;
            if (start)
                _state = ActivationState.Activating;
            message.Activation = this;
            _messages.Add(message);
            if (message.KeepsAlive)
                _lastUsed = Runtime.Time.GetTimestamp();
            post = _state == ActivationState.Valid && !_pumpPosted && _messages.MayHaveNext;
            _pumpPosted |= post;
        }

        if (start)
        {
            Runtime.Catalog.OnStarted(this);
            Scheduler.Post(static state => ((Activation)state!).ActivateAsync((Activation)state).Ignore(), this);
        }

        if (post)
            Scheduler.Post(static state => ((Activation)state!).Pump(), this);
        if (message.IsCancelRequested)
            CancelRequest(message);
        return true;
    }

    /// <summary>In a turn: drops the message when it waits, cancels its token when it runs.</summary>
    public void CancelRequest(Message message) => Scheduler.Post(static state =>
    {
        var (self, message) = ((Activation, Message))state!;
        bool dropped;
        lock (self._gate)
            dropped = self._messages.Remove(message);
        if (dropped)
            message.Caller?.Fail(new OperationCanceledException());
        try
        {
            message.Cancellation?.Cancel();
        }
        catch (Exception e)
        {
            SiloLog.CancellationFailed(self.Runtime.Logger, e, message);
        }
    }, (this, message));

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_state is ActivationState.Created or ActivationState.Deactivating or ActivationState.Invalid)
                return;
            _reason = deactivationReason;
            // An activation that is still being made ends when it is done.
            if (_state == ActivationState.Activating)
            {
                _ending = true;
                return;
            }

            _state = ActivationState.Deactivating;
        }

        Scheduler.Post(static state => ((Activation)state!).Pump(), this);
    }

    /// <summary>Deactivates when nothing was called for the collection age.</summary>
    public void DeactivateIfIdle()
    {
        lock (_gate)
        {
            if (_state != ActivationState.Valid || !_messages.IsIdle || _keepAliveUntil > Runtime.Time.GetUtcNow()
                || Class.CollectionAge == TimeSpan.MaxValue || Runtime.Time.GetElapsedTime(_lastUsed) < Class.CollectionAge)
            {
                return;
            }
        }

        Deactivate(new(DeactivationReasonCode.ActivationIdle, $"Not called for {Class.CollectionAge}."));
    }

    public void DelayDeactivation(TimeSpan time)
    {
        lock (_gate)
        {
            if (time == Timeout.InfiniteTimeSpan || time == TimeSpan.MaxValue)
                _keepAliveUntil = DateTimeOffset.MaxValue;
            else
                _keepAliveUntil = time <= TimeSpan.Zero ? default : Runtime.Time.GetUtcNow() + time;
        }
    }

    public void EnterReentrantSection(Guid id)
    {
        lock (_gate)
            _messages.EnterReentrantSection(id);
    }

    public void LeaveReentrantSection(Guid id)
    {
        lock (_gate)
            _messages.LeaveReentrantSection(id);
    }

    public IGrainTimer RegisterTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        if (!ReferenceEquals(RuntimeContext.Current, this))
            throw new InvalidOperationException($"A timer of {GrainId} can only be registered in one of its turns.");
        var timer = new GrainTimer(this, callback, options);
        lock (_gate)
            _timers.Add(timer);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public void OnTimerDisposed(GrainTimer timer)
    {
        lock (_gate)
            _timers.Remove(timer);
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override string ToString() => $"{GrainId}{ActivationId}";

    /// <summary>The object that answers an interface: the grain itself, or an extension of it.</summary>
    public object TargetOf(Request request)
    {
        Type type = request.GetInterfaceType();
        if (!typeof(IGrainExtension).IsAssignableFrom(type))
            return GrainInstance!;
        if (type == typeof(IAsyncEnumerableGrainExtension))
            return _enumerators ??= new EnumeratorTable(this);
        throw new GrainExtensionNotInstalledException($"No extension of type {type} is installed on {GrainId}.");
    }

    private void Pump()
    {
        _pumping = true;
        while (true)
        {
            Message? next;
            bool end = false;
            lock (_gate)
            {
                _pumpPosted = false;
                next = _state == ActivationState.Valid ? _messages.TryTake() : null;
                if (next is null && _state == ActivationState.Deactivating && _messages.Running == 0 && !_ending)
                    end = _ending = true;
            }

            if (end)
                EndAsync().Ignore();
            if (next is null)
                break;
            RunAsync(next).Ignore();
        }

        _pumping = false;
    }

    private async Task RunAsync(Message message)
    {
        try
        {
            if (message.IsCancelRequested)
                message.Caller?.Fail(new OperationCanceledException());
            if (message.Caller is { IsCompleted: true } && Runtime.Messaging.DropExpiredMessages)
                return;
            RequestContext.Import(message.Context, message.ReentrancyId);
            object target = TargetOf(message.Request);
            message.Request.Target = target;
            object? result = Runtime.IncomingFilters.Length == 0 && GrainInstance is not IIncomingGrainCallFilter
                ? await message.Request.InvokeAsync(target)
                : await new IncomingCall(this, message, target).RunAsync();
            message.Caller?.Complete(message.Request.CopyResult(result, Runtime.Copier));
        }
        catch (Exception e)
        {
            if (e is InconsistentStateException { IsSourceActivation: true } conflict)
            {
                conflict.IsSourceActivation = false;
                Deactivate(new(DeactivationReasonCode.ApplicationError, e, "The stored state is another version."));
            }

            if (message.Caller is null)
                SiloLog.CallFailed(Runtime.Logger, e, message);
            message.Caller?.Fail(e);
        }
        finally
        {
            lock (_gate)
            {
                _messages.OnCompleted(message);
                if (message.KeepsAlive)
                    _lastUsed = Runtime.Time.GetTimestamp();
            }

            if (!_pumping)
                Pump();
        }
    }

    private async Task ActivateAsync(Activation self)
    {
        try
        {
            using var timeout = new CancellationTokenSource(Runtime.Collection.ActivationTimeout, Runtime.Time);
            lock (_gate)
                RequestContext.Import(_messages.First?.Context, Guid.Empty);
            _scope = Runtime.Services.CreateAsyncScope();
            GrainInstance = Class.Create(self);
            await _lifecycle.StartAsync(timeout.Token).WaitAsync(timeout.Token);
            if (GrainInstance is IGrainBase grain)
                await grain.OnActivateAsync(timeout.Token).WaitAsync(timeout.Token);
        }
        catch (Exception e)
        {
            SiloLog.ActivationFailed(Runtime.Logger, e, GrainId);
            _reason = new(DeactivationReasonCode.ActivationFailed, e, "Failed to activate grain.");
            await EndAsync();
            return;
        }

        _wasActivated = true;
        lock (_gate)
        {
            _state = _ending ? ActivationState.Deactivating : ActivationState.Valid;
            _ending = false;
        }

        Pump();
    }

    private async Task EndAsync()
    {
        foreach (GrainTimer timer in _timers.ToArray())
            timer.Dispose();
        try
        {
            using var timeout = new CancellationTokenSource(Runtime.Collection.DeactivationTimeout, Runtime.Time);
            if (_wasActivated && GrainInstance is IGrainBase grain)
                await grain.OnDeactivateAsync(_reason, timeout.Token).WaitAsync(timeout.Token);
        }
        catch (Exception e)
        {
            SiloLog.DeactivationFailed(Runtime.Logger, e, GrainId);
        }

        try
        {
            await _lifecycle.StopAsync();
            if (_enumerators is not null)
                await _enumerators.DisposeAsync();
            if (GrainInstance is IAsyncDisposable asyncDisposable)
                await asyncDisposable.DisposeAsync();
            else
                (GrainInstance as IDisposable)?.Dispose();
            if (_scope is { } scope)
                await scope.DisposeAsync();
        }
        catch (Exception e)
        {
            SiloLog.DeactivationFailed(Runtime.Logger, e, GrainId);
        }

        List<Message> waiting;
        Exception? failure = _wasActivated ? null : _reason.Exception;
        lock (_gate)
        {
            _state = ActivationState.Invalid;
            waiting = _messages.RemoveAll();
            waiting.RemoveAll(m => m.IsLocalOnly);
            // Inside the lock, so that no later message can overtake those that wait.
            _owner.Replace(this, failure is null ? waiting : []);
        }

        if (failure is not null)
        {
            foreach (Message message in waiting)
                message.Caller?.Fail(failure);
        }

        _deactivated.TrySetResult();
    }
}
