namespace Actors.Storage.Tests;

/// <summary>The first 200 bytes of a page file of version 1, computed apart from this code.</summary>
internal static class PageGolden
{
    internal const string Hex =
        "41435450010000000010000096e6d72202000000010000000600000000000000c00c00004000000010000000010000000300"
        + "00000000000000000000000000009372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4cb465fae"
        + "3b4ad0d383b3b8eda3b7bced149a243b6417c992bfba83a48297cd95d0e2e3c40b07987230b3992fcc92ed1005cff733b2f0"
        + "cf9b261df7dec626a148cb465fae3b4ad0d383b3b8eda3b7bced149a243b6417c992bfba83a48297cd957856341200000000";
}
