namespace Actors.Attention.Tests.Indexes;

/// <summary>A test of the indexes by FAISS, skipped with the reason where it is not built in.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FaissFactAttribute : FactAttribute
{
    public FaissFactAttribute() => Skip = KeyIndexes.FaissAbsence;
}
