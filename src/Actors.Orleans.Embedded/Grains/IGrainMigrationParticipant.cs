namespace Orleans.Runtime;

/// <summary>State that travels when an activation moves. Never called in one silo.</summary>
public interface IGrainMigrationParticipant
{
    /// <summary>Writes the state before the move.</summary>
    void OnDehydrate(IDehydrationContext dehydrationContext);

    /// <summary>Reads the state after the move.</summary>
    void OnRehydrate(IRehydrationContext rehydrationContext);
}
