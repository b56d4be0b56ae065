package rga

// PaintAcross makes documents load as those do in which many long ops lie above each other, until restore is called.
func PaintAcross() (restore func()) {
	free, share := paintFree, paintShare
	paintFree, paintShare = -1, 0
	return func() { paintFree, paintShare = free, share }
}
