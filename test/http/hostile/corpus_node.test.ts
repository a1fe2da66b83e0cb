// Each malformed or hostile request of the corpus gets the answer that the RFCs ask for, however its bytes come in: on hub node.
import { playCorpus } from './support/play_corpus';

playCorpus('node');
