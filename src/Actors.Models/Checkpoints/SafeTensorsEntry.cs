using Actors.Kernels;

namespace Actors.Models;

/// <summary>One tensor as its header describes it; offsets are from the start of the file, Type is null for element types that are not read.</summary>
internal sealed record SafeTensorsEntry(
    MappedFile File, string Name, string Dtype, WeightType? Type, int[] Shape, long Begin, long End);
