namespace Actors.Attention;

/// <summary>In which space slots average their keys, and where they are read.</summary>
public enum CamelotPositions
{
    /// <summary>Keys are matched and averaged before rotation and read at one constant distance.</summary>
    Constant,

    /// <summary>Keys are rotated by their place in their block before they are matched and averaged, and read as if their block lay right before the window.</summary>
    Local,
}
