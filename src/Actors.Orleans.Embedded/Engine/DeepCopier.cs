using System.Collections.Concurrent;
using System.Net;
using System.Numerics;
using System.Reflection;

namespace Orleans.Runtime;

/// <summary>
/// Gives the other side of a call its own copy of a value. Immutable values are shared; arrays, the usual collections and
/// types marked <see cref="GenerateSerializerAttribute"/> are copied deeply, cycles included.
/// </summary>
/// <param name="strict">Whether a class without the mark is refused, as a message would be, or copied field by field.</param>
internal sealed class DeepCopier(bool strict)
{
    private static readonly ConcurrentDictionary<Type, bool> SharedTypes = new();
    private static readonly HashSet<Type> KnownShared =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly), typeof(TimeOnly), typeof(Guid),
        typeof(Uri), typeof(Version), typeof(Half), typeof(Int128), typeof(UInt128), typeof(BigInteger), typeof(IPAddress), typeof(IPEndPoint),
        typeof(CancellationToken), typeof(GrainId), typeof(GrainType), typeof(IdSpan), typeof(GrainInterfaceType), typeof(ActivationId), typeof(SiloAddress),
    ];

    private readonly ConcurrentDictionary<Type, TypeCopier> _copiers = new();

    /// <summary>Whether every value that a variable of this type can hold is immutable.</summary>
    public static bool IsShared(Type type) => SharedTypes.GetOrAdd(type, static t => (t.IsValueType || t.IsSealed) && IsImmutable(t));

    /// <summary>A copy that shares nothing mutable with <paramref name="value"/>.</summary>
    /// <exception cref="Serialization.CodecNotFoundException">A part of the value is of a type that cannot cross a call.</exception>
    public object? Copy(object? value) =>
        value is null || IsImmutable(value.GetType()) ? value : CopyPart(value, new Dictionary<object, object>(ReferenceEqualityComparer.Instance));

    /// <summary>The copy of a part of a value, made once for each object.</summary>
    public object? CopyPart(object? value, Dictionary<object, object> made)
    {
        if (value is null || IsImmutable(value.GetType()))
            return value;
        if (made.TryGetValue(value, out object? copy))
            return copy;
        TypeCopier copier = _copiers.GetOrAdd(value.GetType(), type => TypeCopier.Of(type, strict));
        return copier.Copy(value, this, made);
    }

    private static bool IsImmutable(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || KnownShared.Contains(type) || type.IsDefined(typeof(ImmutableAttribute), false))
            return true;
        if (typeof(GrainReference).IsAssignableFrom(type) || typeof(Type).IsAssignableFrom(type) || typeof(Exception).IsAssignableFrom(type))
            return true;
        if (!type.IsGenericType)
            return false;
        bool holdsItsArguments = type.GetGenericTypeDefinition() == typeof(ReadOnlyMemory<>) || type.GetGenericTypeDefinition() == typeof(Nullable<>)
            || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>) || type.Namespace == "System.Collections.Immutable"
            || type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal) || type.FullName.StartsWith("System.Tuple`", StringComparison.Ordinal);
        return holdsItsArguments && Array.TrueForAll(type.GetGenericArguments(), IsShared);
    }
}
