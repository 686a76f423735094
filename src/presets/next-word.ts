/** Ten sentences about learning machines: 117 words, 76 of them distinct without case and punctuation. */
export const TEN_SENTENCES = `Deep learning is a subset of machine learning based on artificial neural networks.
We implemented an LSTM from scratch to understand how recurrent neural networks work.
The vanishing gradient problem was solved by the LSTM architecture using gates.
We are now building a next word predictor to test our understanding.
Machine learning requires data and algorithms to make predictions.
Neural networks are inspired by the human brain and its neurons.
Gradients flow backward to update the weights of the model.
The forget gate decides what information to throw away from the cell state.
The input gate decides what new information to store in the cell state.
The output gate decides what the next hidden state should be.
`;
