using System.Collections.Concurrent;
using Orleans.Hosting;
using Xunit;

namespace Actors.Conformance.Context;

public sealed class FilterTests(FilterTests.Silo silo) : IClassFixture<FilterTests.Silo>
{
    private readonly IContextGrain _grain = silo.Grains.GetGrain<IContextGrain>(Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task Filters_OfSiloAndGrain_RunFromTheOutsideIn() => Assert.Equal("outer(inner(grain(text)))", await _grain.GuardedAsync("text"));

    [Fact]
    public async Task Filter_SeesTheCall()
    {
        await _grain.GuardedAsync("text");
        Assert.Contains($"{nameof(IContextGrain)}.{nameof(IContextGrain.GuardedAsync)}(text) {nameof(ContextGrain)} {_grain.GetGrainId()} True", silo.Seen);
    }

    [Fact]
    public async Task Filter_ThatSetsTheResult_ReplacesTheCall() => Assert.Equal("outer(cached)", await _grain.GuardedAsync("cache"));

    [Fact]
    public async Task Filter_ThatThrows_FailsTheCall()
    {
        var e = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => _grain.GuardedAsync("forbidden"));
        Assert.Equal("No.", e.Message);
    }

    [Fact]
    public async Task Filter_MaySetTheRequestContext() => Assert.Equal("from the filter", await _grain.GetAsync("filter"));

    public sealed class Silo : SiloFixture
    {
        public ConcurrentBag<string> Seen { get; } = [];

        protected override void Configure(ISiloBuilder silo)
        {
            silo.AddIncomingGrainCallFilter(async context =>
            {
                RequestContext.Set("filter", "from the filter");
                await context.Invoke();
                if (context.MethodName == nameof(IContextGrain.GuardedAsync))
                    context.Result = $"outer({context.Result})";
            });
            silo.AddIncomingGrainCallFilter<InnerFilter>();
            silo.AddIncomingGrainCallFilter(new RecordingFilter(Seen));
        }
    }

    public sealed class InnerFilter : IIncomingGrainCallFilter
    {
        public async Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.MethodName != nameof(IContextGrain.GuardedAsync))
            {
                await context.Invoke();
                return;
            }

            if (context.Request.GetArgument(0) is "forbidden")
                throw new UnauthorizedAccessException("No.");
            if (context.Request.GetArgument(0) is "cache")
            {
                context.Result = "cached";
                return;
            }

            await context.Invoke();
            context.Result = $"inner({context.Result})";
        }
    }

    private sealed class RecordingFilter(ConcurrentBag<string> seen) : IIncomingGrainCallFilter
    {
        public async Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.Request.GetArgumentCount() > 0)
            {
                seen.Add($"{context.InterfaceMethod.DeclaringType!.Name}.{context.MethodName}({context.Request.GetArgument(0)}) "
                    + $"{context.ImplementationMethod.DeclaringType!.Name} {context.TargetId} {ReferenceEquals(context.Grain, context.TargetContext.GrainInstance)}");
            }

            await context.Invoke();
        }
    }
}
