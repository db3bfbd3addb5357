namespace Orleans;

/// <summary>Kinds of reasons for the end of an activation.</summary>
public enum DeactivationReasonCode : byte
{
    /// <summary>None was given.</summary>
    None,

    /// <summary>The silo stops.</summary>
    ShuttingDown,

    /// <summary>Activation failed.</summary>
    ActivationFailed,

    /// <summary>The grain directory failed. Does not happen in one silo.</summary>
    DirectoryFailure,

    /// <summary>Nobody called for the collection age.</summary>
    ActivationIdle,

    /// <summary>A call never ended. Does not happen in the embedded silo.</summary>
    ActivationUnresponsive,

    /// <summary>Another silo has the grain. Does not happen in one silo.</summary>
    DuplicateActivation,

    /// <summary>A call of another interface version. Does not happen in one silo.</summary>
    IncompatibleRequest,

    /// <summary>An application error, such as a state conflict.</summary>
    ApplicationError,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested,

    /// <summary>The grain asked to move.</summary>
    Migrating,

    /// <summary>The runtime asked for it.</summary>
    RuntimeRequested,

    /// <summary>Memory is short. Does not happen in the embedded silo.</summary>
    HighMemoryPressure,
}
