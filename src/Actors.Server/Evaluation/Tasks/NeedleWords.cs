namespace Actors.Server.Evaluation;

/// <summary>Words that keys and values are made of. None of them stands in the training data of the bundled model as a part of a key.</summary>
internal static class NeedleWords
{
    private static readonly string[] Adjectives = Split(
        "quiet amber brisk clever dusty eager faint gentle hollow icy jolly keen lively misty noble odd proud rapid silent tidy ancient ample awake blunt bitter " +
        "blank brave broad bulky busy careful chilly civil close clumsy coarse cosy crisp curly damp daring dense direct distant double drowsy elegant even exact " +
        "famous fancy fierce final firm flat fluffy formal fragile frank frosty frugal full funny fuzzy glad gloomy golden graceful great greedy grim handy harsh " +
        "hasty hidden honest huge humble hungry ideal jagged jumpy knotty lame large late lazy lean level light lonely loose lucky magic major mellow merry messy " +
        "mighty modern modest moist mute narrow nasty native nimble noisy numb obscure orderly outer painted patient perfect playful polite poor precise pretty " +
        "prickly private prompt public puny quaint ragged random raw ready remote rich ripe robust rocky rosy rotten royal rusty sacred safe salty scarce secret");

    private static readonly string[] Nouns = Split(
        "anchor basket candle desert engine forest garden harbor island jacket kettle ladder meadow needle orchard pocket ribbon saddle temple valley acorn album " +
        "ankle apron artist atlas attic bakery balcony bamboo banjo barrel beach beard beetle bench berry blanket blossom bottle boulder bracelet branch bread brick " +
        "broom bucket buffalo bundle butter button cabin cactus camel canal canoe canyon carpet carrot castle cave ceiling cellar chain chapel cherry chimney circle " +
        "cliff clock clover coat comet compass copper coral corner cottage cotton crater crayon cricket crown curtain dagger daisy dancer diamond dolphin donkey " +
        "dragon drawer dune easel elbow ember emerald falcon fan farmer feather fence fiddle finger fossil fountain fox galaxy garlic giraffe glacier glove " +
        "goblet grape guitar hammer hammock hazel hedge helmet heron hinge honey hood hornet ivory jewel jungle kayak kitten lagoon lantern lemon lettuce lily lizard " +
        "lobster locket lotus magnet mango maple marble market melon mirror mitten monkey mountain mushroom napkin nectar novel nutmeg oasis olive onion orchid otter " +
        "paddle palace panda paper pebble pelican pencil pepper picnic pigeon pillow pirate planet plum pony poplar prairie puzzle quarry quilt raccoon raven reef");

    /// <summary>Different words of two parts that there are.</summary>
    public static int Count => Adjectives.Length * Nouns.Length;

    /// <summary>An adjective and a noun.</summary>
    public static string Draw(SeededRandom random) => $"{random.Choose(Adjectives)}-{random.Choose(Nouns)}";

    private static string[] Split(string words) => words.Split(' ');
}
