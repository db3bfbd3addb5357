using Actors.Kernels;

namespace Actors.Models;

/// <summary>All weights of a checkpoint as the CPU backend reads them. Building it checks that every tensor is there in the right shape.</summary>
internal sealed unsafe class CpuWeights
{
    private readonly SafeTensors _tensors;

    /// <exception cref="CheckpointException">A tensor is missing or has another shape or type.</exception>
    public CpuWeights(Checkpoint checkpoint)
    {
        _tensors = checkpoint.Tensors;
        ModelConfig config = checkpoint.Config;
        ModelShape s = config.Shape;
        Embeddings = Matrix("model.embed_tokens.weight", s.VocabularySize, s.HiddenSize);
        Head = config.TiedHead ? Embeddings : Matrix("lm_head.weight", s.VocabularySize, s.HiddenSize);
        FinalNorm = Vector("model.norm.weight", s.HiddenSize);
        Layers = new CpuLayer[s.Layers];
        for (int layer = 0; layer < Layers.Length; layer++)
        {
            Layers[layer] = new CpuLayer(this, config, layer);
        }
    }

    public WeightMatrix Embeddings { get; }

    public WeightMatrix Head { get; }

    public float[] FinalNorm { get; }

    public CpuLayer[] Layers { get; }

    public WeightMatrix Matrix(string name, int outputs, int inputs)
    {
        TensorView view = _tensors.Get(name, outputs, inputs);
        return new WeightMatrix(view.Pointer, view.Type, outputs, inputs);
    }

    public float[] Vector(string name, int length)
    {
        TensorView view = _tensors.Get(name, length);
        float[] values = new float[length];
        WeightConversion.ToSingle(view.Pointer, view.Type, values);
        return values;
    }
}
