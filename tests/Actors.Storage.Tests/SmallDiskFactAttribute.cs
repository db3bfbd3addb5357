namespace Actors.Storage.Tests;

[AttributeUsage(AttributeTargets.Method)]
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> CanMount = new(() =>
    {
        using SmallDisk? disk = SmallDisk.TryMount();
        return disk is not null;
    });

    public SmallDiskFactAttribute()
    {
        if (!CanMount.Value) Skip = "Needs the right to mount a small file system; FullDisk covers the same paths by injection.";
    }
}
