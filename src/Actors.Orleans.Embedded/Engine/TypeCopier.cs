using System.Reflection;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>Copies values of one mutable type.</summary>
internal abstract class TypeCopier
{
    private static readonly HashSet<Type> KnownCollections =
    [
        typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(Queue<>), typeof(Stack<>), typeof(SortedDictionary<,>), typeof(SortedSet<>),
        typeof(LinkedList<>), typeof(SortedList<,>),
    ];

    public abstract object Copy(object value, DeepCopier copier, Dictionary<object, object> made);

    /// <summary>The copier of a type.</summary>
    /// <exception cref="CodecNotFoundException">The type cannot cross a call.</exception>
    public static TypeCopier Of(Type type, bool strict)
    {
        if (type.IsArray)
            return new ArrayCopier(DeepCopier.IsShared(type.GetElementType()!));
        if (type.IsGenericType && KnownCollections.Contains(type.GetGenericTypeDefinition()))
            return new FieldCopier(type, knownCollection: true);
        bool isTuple = type.IsGenericType && type.Namespace == "System"
            && (type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal) || type.Name.StartsWith("Tuple`", StringComparison.Ordinal)
                || type.Name is "Nullable`1" or "Memory`1")
            || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>));
        if (typeof(Delegate).IsAssignableFrom(type) || (strict && !isTuple && !type.IsDefined(typeof(GenerateSerializerAttribute), false)))
        {
            throw new CodecNotFoundException(
                $"Could not find a copier for type {type}: mark it [GenerateSerializer], or [Immutable] when it never changes.");
        }

        return new FieldCopier(type, knownCollection: false);
    }

    private sealed class ArrayCopier(bool sharesElements) : TypeCopier
    {
        public override object Copy(object value, DeepCopier copier, Dictionary<object, object> made)
        {
            var source = (Array)value;
            var copy = (Array)source.Clone();
            made[value] = copy;
            if (sharesElements)
                return copy;
            var index = new int[source.Rank];
            for (int i = 0; i < source.Length; i++)
            {
                int rest = i;
                for (int d = source.Rank - 1; d >= 0; d--)
                {
                    index[d] = source.GetLowerBound(d) + (rest % source.GetLength(d));
                    rest /= source.GetLength(d);
                }

                copy.SetValue(copier.CopyPart(source.GetValue(index), made), index);
            }

            return copy;
        }
    }

    /// <summary>Copies an object and then each of its fields that may hold something mutable.</summary>
    private sealed class FieldCopier : TypeCopier
    {
        private static readonly MethodInvoker Clone =
            MethodInvoker.Create(typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!);

        private readonly FieldInfo[] _fields;
        private readonly bool _knownCollection;

        public FieldCopier(Type type, bool knownCollection)
        {
            _knownCollection = knownCollection;
            List<FieldInfo> fields = [];
            for (Type? t = type; t is not null && t != typeof(object); t = t.BaseType)
            {
                fields.AddRange(t.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                    .Where(f => !DeepCopier.IsShared(f.FieldType)));
            }

            _fields = [.. fields];
        }

        public override object Copy(object value, DeepCopier copier, Dictionary<object, object> made)
        {
            if (_knownCollection)
                return CollectionCopier.Copy(value, copier, made);
            object copy = Clone.Invoke(value)!;
            if (!value.GetType().IsValueType)
                made[value] = copy;
            foreach (FieldInfo field in _fields)
                field.SetValue(copy, copier.CopyPart(field.GetValue(value), made));
            return copy;
        }
    }
}
