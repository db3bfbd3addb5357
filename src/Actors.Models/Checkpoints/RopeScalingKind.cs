namespace Actors.Models;

/// <summary>How rotary frequencies are changed for contexts beyond the pretrained length.</summary>
public enum RopeScalingKind
{
    /// <summary>Every frequency divided by the factor (position interpolation, arXiv:2306.15595).</summary>
    Linear,

    /// <summary>Llama 3.1: low frequencies divided by the factor, high ones kept, a ramp in between.</summary>
    Llama3,

    /// <summary>YaRN (arXiv:2309.00071): a ramp over channels between interpolated and kept, and a temperature.</summary>
    Yarn,
}
