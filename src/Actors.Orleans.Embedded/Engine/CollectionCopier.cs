using System.Collections;
using System.Reflection;

namespace Orleans.Runtime;

/// <summary>Copies the usual generic collections through their own constructors, so that comparers are kept and hashes rebuilt.</summary>
internal static class CollectionCopier
{
    private static readonly MethodInfo ListMethod = Method(nameof(CopyList));
    private static readonly MethodInfo DictionaryMethod = Method(nameof(CopyDictionary));
    private static readonly MethodInfo SequenceMethod = Method(nameof(CopySequence));
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<Type, MethodInvoker> Invokers = new();

    public static object Copy(object value, DeepCopier copier, Dictionary<object, object> made)
    {
        MethodInvoker invoker = Invokers.GetOrAdd(value.GetType(), static type =>
        {
            Type definition = type.GetGenericTypeDefinition();
            MethodInfo method = definition == typeof(List<>) ? ListMethod
                : typeof(IDictionary).IsAssignableFrom(type) ? DictionaryMethod
                : SequenceMethod;
            return MethodInvoker.Create(method.MakeGenericMethod(type.GetGenericArguments()));
        });
        return invoker.Invoke(null, value, copier, made)!;
    }

    private static MethodInfo Method(string name) => typeof(CollectionCopier).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;

    private static List<T> CopyList<T>(List<T> source, DeepCopier copier, Dictionary<object, object> made)
    {
        var copy = new List<T>(source.Count);
        made[source] = copy;
        if (DeepCopier.IsShared(typeof(T)))
        {
            copy.AddRange(source);
            return copy;
        }

        foreach (T item in source)
            copy.Add((T)copier.CopyPart(item, made)!);
        return copy;
    }

    private static object CopyDictionary<TKey, TValue>(IDictionary<TKey, TValue> source, DeepCopier copier, Dictionary<object, object> made)
        where TKey : notnull
    {
        IDictionary<TKey, TValue> copy = source switch
        {
            Dictionary<TKey, TValue> d => new Dictionary<TKey, TValue>(d.Count, d.Comparer),
            SortedDictionary<TKey, TValue> s => new SortedDictionary<TKey, TValue>(s.Comparer),
            SortedList<TKey, TValue> s => new SortedList<TKey, TValue>(s.Count, s.Comparer),
            _ => throw new Serialization.CodecNotFoundException($"Could not find a copier for type {source.GetType()}."),
        };
        made[source] = copy;
        foreach (KeyValuePair<TKey, TValue> pair in source)
            copy.Add((TKey)copier.CopyPart(pair.Key, made)!, (TValue)copier.CopyPart(pair.Value, made)!);
        return copy;
    }

    private static object CopySequence<T>(IEnumerable<T> source, DeepCopier copier, Dictionary<object, object> made)
    {
        IEnumerable<T> items = source.Select(item => (T)copier.CopyPart(item, made)!);
        object copy = source switch
        {
            HashSet<T> h => new HashSet<T>(items, h.Comparer),
            SortedSet<T> s => new SortedSet<T>(items, s.Comparer),
            Queue<T> => new Queue<T>(items),
            // A stack enumerates from its top.
            Stack<T> => new Stack<T>(items.Reverse()),
            LinkedList<T> => new LinkedList<T>(items),
            _ => throw new Serialization.CodecNotFoundException($"Could not find a copier for type {source.GetType()}."),
        };
        made[source] = copy;
        return copy;
    }
}
