namespace Actors.Engine;

public sealed partial class InferenceEngine
{
    /// <summary>Makes one step of an engine that was created without a thread. One caller at a time.</summary>
    internal bool StepOnce() => _loop.StepOnce();

    internal Actors.KvCache.PagePool TestHookPool => _pool;
}
