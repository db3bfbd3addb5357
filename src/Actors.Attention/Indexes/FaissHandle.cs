using System.Runtime.InteropServices;

namespace Actors.Attention;

/// <summary>A FAISS index; freed with the handle.</summary>
internal sealed class FaissHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        FaissLibrary.Destroy(handle);
        return true;
    }
}
