using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Storage;
using Xunit;

namespace Actors.Conformance.State;

/// <summary>A storage that the application brings, as the product does.</summary>
public sealed class CustomStorageTests(CustomStorageTests.Silo silo) : IClassFixture<CustomStorageTests.Silo>
{
    [Fact]
    public async Task Storage_RegisteredAsAKeyedService_GetsStateNameAndGrainId()
    {
        var grain = silo.Grains.GetGrain<ICustomStateGrain>("key");
        await grain.SetAsync("value");
        Assert.Equal("value", silo.Storage.Records[("document", grain.GetGrainId())]);
        Assert.Equal("customstate/key", grain.GetGrainId().ToString());
    }

    [Fact]
    public async Task Storage_ThatCannotRead_FailsTheActivationAndTheNextCallTriesAgain()
    {
        var grain = silo.Grains.GetGrain<ICustomStateGrain>("broken");
        silo.Storage.Broken = grain.GetGrainId();
        Exception e = await Assert.ThrowsAnyAsync<Exception>(() => grain.GetAsync());
        Assert.Contains("The disk is gone.", e.ToString(), StringComparison.Ordinal);
        silo.Storage.Broken = default;
        Assert.Null(await grain.GetAsync());
    }

    public sealed class Silo : SiloFixture
    {
        public DictionaryStorage Storage { get; } = new();

        protected override void Configure(ISiloBuilder silo) => silo.Services.AddKeyedSingleton<IGrainStorage>("custom", Storage);
    }

    public sealed class DictionaryStorage : IGrainStorage
    {
        public ConcurrentDictionary<(string State, GrainId Grain), string?> Records { get; } = new();

        public GrainId Broken { get; set; }

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            if (grainId == Broken)
                throw new IOException("The disk is gone.");
            grainState.RecordExists = Records.TryGetValue((stateName, grainId), out string? text);
            grainState.State = (T)(object)new TextState { Text = text };
            grainState.ETag = grainState.RecordExists ? "1" : null;
            return Task.CompletedTask;
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            Records[(stateName, grainId)] = ((TextState)(object)grainState.State!).Text;
            grainState.RecordExists = true;
            grainState.ETag = "1";
            return Task.CompletedTask;
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            Records.TryRemove((stateName, grainId), out _);
            grainState.RecordExists = false;
            return Task.CompletedTask;
        }
    }
}
