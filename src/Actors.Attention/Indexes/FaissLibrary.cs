using System.Runtime.InteropServices;
using System.Text;

namespace Actors.Attention;

/// <summary>The C interface over FAISS that stands beside the assembly where FAISS was installed when it was built.</summary>
internal static partial class FaissLibrary
{
    private const string Name = "actors_faiss";
    private const int Abi = 1;

    private const string Remedy = "Install FAISS, CMake and a C++ compiler (Debian: apt-get install libfaiss-dev cmake g++), build again, and look for libactors_faiss.so beside the assembly. "
        + "Or use another kind of index.";

    private static readonly Lazy<string?> Missing = new(FindMissing);

    /// <summary>Why the library cannot be used and what to do; null when it can.</summary>
    public static string? Absence => Missing.Value;

    /// <summary>Throws with what FAISS said when a call failed.</summary>
    public static void Check(int result, ReadOnlySpan<byte> error)
    {
        if (result == 0)
            return;
        int end = error.IndexOf((byte)0);
        throw new InvalidOperationException($"FAISS failed: {Encoding.UTF8.GetString(end < 0 ? error : error[..end])}");
    }

    [LibraryImport(Name, EntryPoint = "actors_faiss_create", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial int Create(int dimension, string factory, int construction, out FaissHandle created, Span<byte> error, int errorBytes);

    [LibraryImport(Name, EntryPoint = "actors_faiss_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial void Destroy(nint handle);

    [LibraryImport(Name, EntryPoint = "actors_faiss_train")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial int Train(FaissHandle handle, long count, ReadOnlySpan<float> rows, Span<byte> error, int errorBytes);

    [LibraryImport(Name, EntryPoint = "actors_faiss_add")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial int Add(FaissHandle handle, long count, ReadOnlySpan<float> rows, Span<byte> error, int errorBytes);

    [LibraryImport(Name, EntryPoint = "actors_faiss_search")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial int Search(
        FaissHandle handle, ReadOnlySpan<float> query, int count, Span<long> ids, Span<float> scores, out long compared, Span<byte> error, int errorBytes);

    [LibraryImport(Name, EntryPoint = "actors_faiss_set_breadth")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial void SetBreadth(FaissHandle handle, int breadth);

    [LibraryImport(Name, EntryPoint = "actors_faiss_bytes")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial long Bytes(FaissHandle handle);

    [LibraryImport(Name, EntryPoint = "actors_faiss_abi")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial int GetAbi();

    private static string? FindMissing()
    {
        try
        {
            int abi = GetAbi();
            return abi == Abi ? null : $"libactors_faiss.so speaks version {abi} of the interface, this build {Abi}: build again.";
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            string cause = exception is DllNotFoundException && !File.Exists(Path.Combine(AppContext.BaseDirectory, "libactors_faiss.so"))
                ? "This build has no FAISS." : "libactors_faiss.so cannot be loaded; a library that it needs may be missing.";
            return $"{cause} {Remedy}";
        }
    }
}

