using System.Reflection;

namespace Orleans.Runtime;

/// <summary>
/// A reference to a grain. Its subclasses, made at run time, implement the grain interfaces and turn calls into messages.
/// Two references are equal when they name the same grain.
/// </summary>
public class GrainReference : DispatchProxy, IAddressable, IEquatable<GrainReference>
{
    /// <summary>Used by generated subclasses only.</summary>
    public GrainReference()
    {
    }

    /// <summary>The grain.</summary>
    public GrainId GrainId { get; private set; }

    internal SiloRuntime Runtime { get; private set; } = null!;

    /// <summary>The same grain through another of its interfaces.</summary>
    public TGrainInterface Cast<TGrainInterface>() where TGrainInterface : IAddressable => (TGrainInterface)(object)As(typeof(TGrainInterface));

    /// <inheritdoc/>
    public bool Equals(GrainReference? other) => other is not null && GrainId == other.GrainId;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"GrainReference:{GrainId}";

    /// <summary>Whether two references name the same grain.</summary>
    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) =>
        reference1 is null ? reference2 is null : reference1.Equals(reference2);

    /// <summary>Whether two references name different grains.</summary>
    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !(reference1 == reference2);

    internal static GrainReference Create(SiloRuntime runtime, GrainId id, Type interfaceType)
    {
        var reference = (GrainReference)Create(interfaceType, typeof(GrainReference));
        reference.Runtime = runtime;
        reference.GrainId = id;
        return reference;
    }

    internal GrainReference As(Type interfaceType) => Create(Runtime, GrainId, interfaceType);

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        GrainMethod method = GrainMethod.Of(targetMethod!);
        return method.Return.Send(this, method, args ?? []);
    }
}
