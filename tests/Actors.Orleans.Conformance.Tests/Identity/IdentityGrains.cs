using Orleans.Runtime.Placement;

namespace Actors.Conformance.Identity;

[Alias("conformance.guidKey")]
public interface IGuidKeyGrain : IGrainWithGuidKey
{
    [Alias("key")]
    Task<Guid> KeyAsync();
}

[Alias("conformance.integerKey")]
public interface IIntegerKeyGrain : IGrainWithIntegerKey
{
    [Alias("key")]
    Task<long> KeyAsync();
}

[Alias("conformance.first")]
public interface IFirstGrain : IGrainWithStringKey
{
    [Alias("id")]
    Task<GrainId> IdAsync();
}

[Alias("conformance.second")]
public interface ISecondGrain : IGrainWithStringKey
{
    [Alias("activation")]
    Task<string> KeyAsync();
}

public sealed class GuidKeyGrain : Grain, IGuidKeyGrain
{
    public Task<Guid> KeyAsync() => Task.FromResult(this.GetPrimaryKey());
}

public sealed class IntegerKeyGrain : Grain, IIntegerKeyGrain
{
    public Task<long> KeyAsync() => Task.FromResult(this.GetPrimaryKeyLong());
}

[LocalPlacement]
public sealed class TwoFacesGrain : Grain, IFirstGrain, ISecondGrain
{
    public Task<GrainId> IdAsync() => Task.FromResult(this.GetGrainId());

    public Task<string> KeyAsync() => Task.FromResult(this.GetPrimaryKeyString());
}

[GenerateSerializer]
[Immutable]
[Alias("conformance.localPlacement")]
public sealed class LocalPlacement : PlacementStrategy;

[AttributeUsage(AttributeTargets.Class)]
public sealed class LocalPlacementAttribute() : Orleans.Placement.PlacementAttribute(new LocalPlacement());

public sealed class LocalPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        Task.FromResult(context.LocalSilo);
}
